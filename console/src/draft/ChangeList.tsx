import { Badge, Stack, Text } from "@mantine/core";
import type { Change } from "../api/types";
import { labelOf } from "../forms/schema";

const COLORS: Record<string, string> = { added: "green", removed: "red", changed: "blue", reordered: "gray" };

/** A readable diff: what happens to which object, old and new beside each other. */
export function ChangeList({ changes }: { changes: Change[] }) {
  const groups = Map.groupBy(changes, (change) => change.where || "Configuration");
  return (
    <Stack gap={0}>
      {[...groups].map(([where, entries]) => (
        <div key={where} style={{ borderTop: "1px solid var(--hs-line)", padding: "7px 2px" }}>
          {entries.length === 1 && !entries[0]?.field ? (
            <Line change={entries[0]!} title={titleOf(where)} />
          ) : (
            <>
              <Text fw={600} fz="sm">{titleOf(where)}</Text>
              {entries.map((change, index) => <Line key={index} change={change} />)}
            </>
          )}
        </div>
      ))}
    </Stack>
  );
}

export const SECTIONS: Record<string, string> = {
  users: "User", mailboxes: "Mailbox", trunks: "Trunk", flows: "Flow", webhooks: "Webhook endpoint", allowed_networks: "Allowed network", devices: "phone",
};

/** `flows Office object queue` -> "Flow Office, object queue". */
function titleOf(where: string): string {
  const [section = "", ...rest] = where.split(" ");
  const named = rest.join(" ").replace(/ (object|devices) /, (_, inner: string) => `, ${SECTIONS[inner] ?? inner} `);
  return `${SECTIONS[section] ?? labelOf(section)} ${named}`.trim();
}

function Line({ change, title }: { change: Change; title?: string }) {
  const what = change.what;
  return (
    <div style={{ display: "flex", gap: 8, alignItems: "baseline", marginTop: 3, flexWrap: "wrap" }}>
      <Badge size="xs" variant="light" color={COLORS[what] ?? "gray"} w={74} style={{ flex: "none" }}>{what}</Badge>
      {title && <Text fw={600} fz="sm" component="span">{title}</Text>}
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
