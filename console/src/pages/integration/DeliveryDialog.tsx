import { Alert, Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "wouter";
import { useAllowed } from "../../api/auth";
import { useEvents } from "../../api/catalogue";
import { get, post } from "../../api/client";
import type { DeliveryDetails } from "../../api/types";
import { Code } from "../../shared/Copy";
import { ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";
import { StateBadge } from "./DeliveriesPage";
import { useEndpointName } from "./endpoints";
import { Dialog } from "../../shared/Dialog";

/** One delivery: its body, and every attempt with the answer. */
export function DeliveryDialog({ id, close }: { id: string; close: () => void }) {
  const queries = useQueryClient();
  const allowed = useAllowed("operator");
  const nameOf = useEndpointName();
  const titles = new Map((useEvents().data ?? []).map((event) => [event.type as string, event.title]));
  const { busy, error, run } = useDeed();
  const found = useQuery({ queryKey: ["deliveries", "one", id], queryFn: () => get<DeliveryDetails>(`/api/deliveries/${id}`), refetchInterval: 3000 });
  const resend = (again: boolean) =>
    run(async () => {
      await post(`/api/deliveries/${id}/retry?again=${again}`);
      await queries.invalidateQueries({ queryKey: ["deliveries"] });
    });
  return (
    <Dialog onClose={close} size="xl" title="Delivery">
      <Loaded query={found}>
        {(one) => (
          <Stack gap="sm">
            {error !== null && <ErrorState error={error} />}
            <Group gap="sm">
              <StateBadge state={one.state} />
              <Text fw={600}>{titles.get(one.type) ?? one.type}</Text>
              <Text>to {nameOf(one.endpoint)}</Text>
              <Anchor component={Link} href={`/calls/${encodeURIComponent(one.call)}`}>Call {one.call}</Anchor>
              <span style={{ flex: 1 }} />
              {allowed && <Button size="xs" loading={busy} onClick={() => void resend(one.state === "delivered")}>Resend</Button>}
            </Group>
            {one.waits && <Alert color="yellow" variant="light" p="xs">{one.waits}</Alert>}
            {one.due_at && one.state !== "delivered" && <Text c="dimmed">Next attempt <Time at={one.due_at} /></Text>}
            <Text fz="xs" c="dimmed">webhook-id <span className="mono">{one.event}</span></Text>
            <Code label="body" text={JSON.stringify(one.body, null, 2)} />
            <Text fw={600}>Attempts</Text>
            {one.history.length === 0 ? <Text c="dimmed">None yet.</Text> : (
              <Table>
                <Table.Thead><Table.Tr><Table.Th>No.</Table.Th><Table.Th>When</Table.Th><Table.Th>Took</Table.Th><Table.Th>Answer</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {one.history.map((attempt) => (
                    <Table.Tr key={attempt.number}>
                      <Table.Td className="num">{attempt.number}</Table.Td>
                      <Table.Td><Time at={attempt.started_at} /></Table.Td>
                      <Table.Td className="num">{attempt.duration_ms} ms</Table.Td>
                      <Table.Td style={{ maxWidth: 380 }}>
                        {attempt.status ?? attempt.error?.replaceAll("_", " ")} <Text component="span" c="dimmed" fz="xs">{attempt.detail}</Text>
                        {attempt.response && <pre className="code" style={{ maxHeight: 120, padding: 8 }} tabIndex={0}>{attempt.response}</pre>}
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            )}
          </Stack>
        )}
      </Loaded>
    </Dialog>
  );
}
