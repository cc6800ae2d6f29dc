import { Tooltip } from "@mantine/core";

type Instant = string | number | null | undefined;

const DAY: Intl.DateTimeFormatOptions = { month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const THIS_YEAR = new Intl.DateTimeFormat(undefined, DAY);
const FULL = new Intl.DateTimeFormat(undefined, { year: "numeric", ...DAY });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

/** In the browser's zone, UTC on hover; no year if it is this one, `short` no day if it is today. */
export function Time({ at, short = false }: { at: Instant; short?: boolean }) {
  if (at === null || at === undefined || at === "") return <span>–</span>;
  const date = new Date(at);
  return (
    <Tooltip label={`${date.toISOString().replace("T", " ").replace("Z", "")} UTC`}>
      <time className="num" dateTime={date.toISOString()}>{formatOf(date, short).format(date)}</time>
    </Tooltip>
  );
}

function formatOf(date: Date, short: boolean): Intl.DateTimeFormat {
  const now = new Date();
  if (short && date.toDateString() === now.toDateString()) return CLOCK;
  return date.getFullYear() === now.getFullYear() ? THIS_YEAR : FULL;
}

export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const whole = Math.max(0, Math.round(value));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}
