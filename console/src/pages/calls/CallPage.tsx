import { Button, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconWebhook } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { get } from "../../api/client";
import type { CallDetails, CallEvent, Leg, Step } from "../../api/types";
import { useEvents } from "../../api/catalogue";
import { Code } from "../../shared/Copy";
import { Page } from "../../shared/Page";
import { Empty, Loaded } from "../../shared/States";
import { seconds, Time } from "../../shared/Time";
import { StateBadge } from "../integration/DeliveriesPage";
import { useEndpointName } from "../integration/endpoints";
import { AudioPlayer } from "./AudioPlayer";
import { BlockCaller } from "./BlockCaller";
import { Outcome } from "./CallsPage";

/** One call: what happened when, who was rung, what was recorded, what was sent. */
export function CallPage({ id }: { id: string }) {
  const [, go] = useLocation();
  const found = useQuery({
    queryKey: ["calls", "one", id],
    queryFn: () => get<CallDetails>(`/api/calls/${encodeURIComponent(id)}`),
    refetchInterval: (query) => (query.state.data?.call.ended_at ? 10_000 : 2000),
  });
  return (
    <Page title={`Call ${id}`} actions={<>{found.data && <BlockCaller call={found.data.call} />}<Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={() => go("/calls")}>All calls</Button></>}>
      <Loaded query={found}>
        {({ call, legs, timeline, media, events }) => (
          <Stack gap="md">
            <Group className="panel" p="md" gap="xl">
              <Fact name="From">{call.caller.number || "withheld"} {call.caller.name}</Fact>
              <Fact name="To">{call.dest_number}</Fact>
              <Fact name="Started"><Time at={call.started_at} /></Fact>
              <Fact name="State"><Outcome call={call} /></Fact>
              <Fact name="Ended">{call.ended_at ? <><Time at={call.ended_at} /> <Text component="span" c="dimmed">after {seconds(call.duration)}</Text></> : "–"}</Fact>
            </Group>
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <section className="panel" style={{ padding: 16 }}><Title order={2} mb="sm">Timeline</Title><Timeline steps={timeline} start={call.started_at} /></section>
              <section className="panel" style={{ padding: 16 }}><Title order={2} mb="sm">Legs</Title><Legs legs={legs} /></section>
            </SimpleGrid>
            {media.length > 0 && (
              <section className="panel" style={{ padding: 16 }}>
                <Title order={2} mb="sm">Recordings and voicemail</Title>
                {media.map((one) => <AudioPlayer key={one.event} media={one} />)}
              </section>
            )}
            <section className="panel" style={{ padding: 16 }}><Title order={2} mb="sm">Webhooks</Title><Events events={events} /></section>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return <div><Text fz="xs" c="dimmed">{name}</Text><Text component="div" fw={500}>{children}</Text></div>;
}

function Timeline({ steps, start }: { steps: Step[]; start: string }) {
  if (!steps.length) return <Text c="dimmed">Nothing recorded.</Text>;
  const from = new Date(start).getTime();
  return (
    <ol style={{ listStyle: "none", margin: 0, padding: 0 }}>
      {steps.map((step, index) => (
        <li key={index} style={{ display: "grid", gridTemplateColumns: "64px 1fr", gap: 8, alignItems: "baseline", padding: "4px 0 4px 12px", borderLeft: "2px solid var(--hs-line)" }}>
          <Text c="dimmed" fz="xs" className="num">+{((new Date(step.at).getTime() - from) / 1000).toFixed(2)} s</Text>
          <Text>{step.text.charAt(0).toUpperCase() + step.text.slice(1)}</Text>
        </li>
      ))}
    </ol>
  );
}

function Legs({ legs }: { legs: Leg[] }) {
  if (!legs.length) return <Text c="dimmed">No user was rung.</Text>;
  return (
    <div className="table-scroll">
      <Table>
        <Table.Thead><Table.Tr><Table.Th>User</Table.Th><Table.Th>Rang</Table.Th><Table.Th>Answered</Table.Th><Table.Th>Talked</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {legs.map((leg) => (
            <Table.Tr key={leg.id}>
              <Table.Td>{leg.user.name} <Text component="span" c="dimmed">{leg.queue ?? leg.ring_group ?? ""}</Text></Table.Td>
              <Table.Td><Time at={leg.rang_at} short /></Table.Td>
              <Table.Td>{leg.answered_at ? <Time at={leg.answered_at} short /> : <Text component="span" c="dimmed">missed</Text>}</Table.Td>
              <Table.Td className="num">{leg.answered_at && leg.ended_at ? seconds((new Date(leg.ended_at).getTime() - new Date(leg.answered_at).getTime()) / 1000) : "–"}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function Events({ events }: { events: CallEvent[] }) {
  const [, go] = useLocation();
  const nameOf = useEndpointName();
  const titles = new Map((useEvents().data ?? []).map((event) => [event.type as string, event.title]));
  if (!events.length) return <Empty icon={IconWebhook} title="No webhooks">This call gave no event yet.</Empty>;
  return (
    <Stack gap="xs">
      {events.map((event) => (
        <Group key={event.id} gap="xs" align="flex-start" wrap="nowrap">
          <details className="event">
            <summary>
              <Text component="span" fw={500}>{titles.get(event.type) ?? event.type}</Text> <Text component="span" c="dimmed"><Time at={event.at} short /></Text>
            </summary>
            <Code label="body" text={JSON.stringify(event.body, null, 2)} />
          </details>
          {event.deliveries.map((one) => (
            <Button key={one.id} size="compact-sm" variant="subtle" style={{ flex: "none" }} onClick={() => go(`/integration/deliveries/${one.id}`)}>
              {nameOf(one.endpoint)}&nbsp;<StateBadge state={one.state} />
            </Button>
          ))}
        </Group>
      ))}
    </Stack>
  );
}
