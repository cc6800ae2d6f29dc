import { Tooltip } from "@mantine/core";

type Instant = string | number | null | undefined;

const FULL = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** In the browser's zone; UTC on hover. */
export function Time({ at, short = false }: { at: Instant; short?: boolean }) {
  if (at === null || at === undefined || at === "") return <span>–</span>;
  const date = new Date(at);
  return (
    <Tooltip label={`${date.toISOString().replace("T", " ").replace("Z", "")} UTC`}>
      <time className="num" dateTime={date.toISOString()}>{(short ? CLOCK : FULL).format(date)}</time>
    </Tooltip>
  );
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const whole = Math.max(0, Math.round(value));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
