import { Badge, Stack, Text } from "@mantine/core";
import type { Change } from "../api/types";

const COLORS: Record<string, string> = { added: "green", removed: "red", changed: "blue", reordered: "gray" };

/** A readable diff: what happens to which object, old and new beside each other. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const groups = Map.groupBy(changes, (change) => change.where || "Configuration");
  return (
    <Stack gap={0}>
      {[...groups].map(([where, entries]) => (
        <div key={where} style={{ borderTop: "1px solid var(--hs-line)", padding: "8px 2px" }}>
          <Text fw={600} fz="sm">{where}</Text>
          {entries.map((change, index) => <Line key={index} change={change} />)}
        </div>
      ))}
    </Stack>
  );
}

function Line({ change }: { change: Change }) {
  const what = change.what ?? change.kind ?? "changed";
  return (
    <div style={{ display: "flex", gap: 8, alignItems: "baseline", marginTop: 3, flexWrap: "wrap" }}>
      <Badge size="xs" variant="light" color={COLORS[what] ?? "gray"} w={74}>{what}</Badge>
      {change.field && <Text fz="sm" component="span">{change.field.replaceAll("_", " ")}</Text>}
      {change.secret ? (
        <Text fz="sm" c="dimmed" component="span">secret</Text>
      ) : (
        change.field && (
          <span className="mono" style={{ overflowWrap: "anywhere" }}>
            {show(change.old) && <del style={{ opacity: 0.75 }}>{show(change.old)}</del>}
            {show(change.old) && show(change.new) && " → "}
            {show(change.new) && <ins style={{ textDecoration: "none", fontWeight: 600 }}>{show(change.new)}</ins>}
          </span>
        )
      )}
    </div>
  );
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value || '""' : JSON.stringify(value);
}
