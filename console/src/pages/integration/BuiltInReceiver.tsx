import { Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { ReceivedRequest } from "../../api/types";
import { Code } from "../../shared/Copy";
import { Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";

type Received = { url: string; items: ReceivedRequest[] };

/** What the receiver inside the server got: to see webhooks before there is a program for them. */
export function BuiltInReceiver() {
  const found = useQuery({ queryKey: ["receiver"], queryFn: () => get<Received>("/api/receiver/requests"), refetchInterval: 2000 });
  if (found.error) return null;
  return (
    <section className="panel" style={{ padding: 16, marginTop: 20 }}>
      <Title order={2}>Built-in receiver</Title>
      <Text c="dimmed" mb="sm">It listens at <span className="mono">{found.data?.url ?? "…"}</span> on this machine and shows what came. Set it as an endpoint&apos;s URL to try things out.</Text>
      {/* of one height: what is below must not jump as requests come */}
      <div style={{ height: 180, overflow: "auto" }} tabIndex={0} role="region" aria-label="Requests">
        <Loaded query={found} rows={2}>
          {({ items }) => items.length === 0 ? <Text c="dimmed">Nothing came yet.</Text> : (
            <Stack gap={4}>
              {items.slice(0, 20).map((one) => <Request key={one.id} request={one} />)}
            </Stack>
          )}
        </Loaded>
      </div>
    </section>
  );
}

function Request({ request }: { request: ReceivedRequest }) {
  const faults = Object.values(request.checks).filter(Boolean);
  const body = request.body as { type?: string; unique_call_id?: string } | null;
  return (
    <details>
      <summary style={{ cursor: "pointer" }}>
        <Group gap="sm" display="inline-flex">
          <Time at={request.at} short />
          <Text fw={500}>{body?.type ?? "not JSON"}</Text>
          {faults.length ? <Badge color="red" variant="light">{faults.join(", ")}</Badge> : <Badge color="green" variant="light">token and signature right</Badge>}
          {body?.unique_call_id && <Anchor href={`/calls/${body.unique_call_id}`} fz="xs" className="mono">{body.unique_call_id}</Anchor>}
        </Group>
      </summary>
      <Code label="request" text={`${Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`).join("\n")}\n\n${JSON.stringify(request.body, null, 2)}`} />
    </details>
  );
}
