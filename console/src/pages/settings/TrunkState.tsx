import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Page, TrunkState as State } from "../../api/types";
import { Time } from "../../shared/Time";

const LOOK_MS = 5000;

/** Whether a trunk takes calls now, why not, and since when; `name` is as the live configuration calls it. */
export function TrunkState({ name, watched }: { name: string; watched: boolean }) {
  const { data, error } = useQuery({ queryKey: ["trunks", "state"], queryFn: async () => (await get<Page<State>>("/api/trunks/state")).items, refetchInterval: LOOK_MS });
  if (error) return <Text fz="sm" c="dimmed">Not known: the engine does not run</Text>;
  if (!data) return <Text fz="sm" c="dimmed">–</Text>;
  const found = data.find((one) => one.name === name);
  if (!found) return <Text fz="sm" c="dimmed">Not live yet</Text>;
  const known = told(found);
  if (!known) return <Text fz="sm" c="dimmed">{watched ? "Not known yet" : "Not watched"}</Text>;
  const [color, text] = known;
  return (
    <div style={{ minWidth: 190 }}>
      <Group gap={7} wrap="nowrap">
        <span className="dot" style={{ background: `var(--mantine-color-${color}-6)` }} />
        <Text fz="sm" component="span">{text} <Text component="span" fz="xs" c="dimmed">since <Time at={found.since} short /></Text></Text>
      </Group>
      {found.reason && <Text fz="xs" c="dimmed" maw={320} style={{ whiteSpace: "normal" }}>{found.reason.charAt(0).toUpperCase() + found.reason.slice(1)}</Text>}
    </div>
  );
}

function told({ state, registered }: State): [string, string] | null {
  if (state === "away") return ["red", "Away"];
  if (registered === false) return ["red", "Not registered"];
  if (registered) return ["green", "Registered"];
  return state === "there" ? ["green", "Reachable"] : null;
}
