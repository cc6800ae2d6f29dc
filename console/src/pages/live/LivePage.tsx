import { Badge, Group, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconBroadcast, IconPhone, IconUsersPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { get } from "../../api/client";
import type { Call, Page as PageOf, QueueState } from "../../api/types";
import { useLiveEvents, useStream } from "../../api/live";
import { Page } from "../../shared/Page";
import { Empty, Loaded } from "../../shared/States";
import { seconds, Time } from "../../shared/Time";
import { useDraft } from "../../draft/store";
import { ClickToCall } from "../users/ClickToCall";
import { isOnline, useUserStates, UserState } from "../users/states";
import { usePlaces } from "./places";

type Line = { at: number; type: string; text: string; call: string };

const LONGEST = 200;

/** What happens now: calls, queues, users, and the stream of events. */
export function LivePage() {
  const connected = useStream((state) => state.connected);
  const calls = useQuery({ queryKey: ["calls", "open"], queryFn: async () => (await get<PageOf<Call>>("/api/calls", { state: "open", limit: 200 })).items, refetchInterval: 4000 });
  const queues = useQuery({ queryKey: ["queues", "state"], queryFn: async () => (await get<PageOf<QueueState>>("/api/queues/state")).items, refetchInterval: 4000 });
  const users = useUserStates();
  const places = usePlaces();
  const flows = useDraft((state) => state.document?.flows);
  const nameOf = (id: string | undefined) => flows?.flatMap((flow) => flow.objects).find((object) => object.id === id)?.name ?? id;
  const [lines, setLines] = useState<Line[]>([]);
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  const heard = useRef(new Set<string>());
  useLiveEvents(["snapshot", "call", "leg", "object", "queue", "user", "event", "delivery"], (type, data) => {
    if (type !== "snapshot") setLines((known) => [lineOf(type, data as Record<string, unknown>), ...known].slice(0, LONGEST));
    heard.current.add(type);
    pending.current ??= setTimeout(() => {
      const types = heard.current;
      [pending.current, heard.current] = [undefined, new Set()];
      // not in the place of one under way: on a slow server none would ever end
      const anew = { cancelRefetch: false };
      void calls.refetch(anew);
      if (types.has("queue") || types.has("object")) void queues.refetch(anew);
      if (types.has("user") || types.has("leg")) void users.refetch(anew);
    }, 200);
  });
  const perMinute = useRate(lines);
  return (
    <Page title="Live" about="Calls, queues and users as they are now." actions={<Group gap="sm"><Badge variant="light" color={connected ? "green" : "orange"} size="lg">{connected ? "Connected" : "Connecting…"}</Badge><ClickToCall /></Group>}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <Figure name="Active calls" value={calls.data?.length} />
          <Figure name="Waiting in queues" value={queues.data?.reduce((sum, queue) => sum + queue.waiting, 0)} />
          <Figure name="Phones online" value={users.data?.filter(isOnline).length} />
          <Figure name="Events in the last minute" value={perMinute} />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, md: 2 }} style={{ alignItems: "start" }}>
          <section className="panel">
            <Title order={2} p="md" pb={4}>Active calls</Title>
            <Loaded query={calls} rows={3}>
              {(rows) => rows.length === 0 ? <Empty icon={IconPhone} title="No call in progress" /> : (
                <div className="table-scroll"><Table><Table.Tbody>
                  {rows.map((call) => (
                    <Table.Tr key={call.id}>
                      <Table.Td><Link href={`/calls/${encodeURIComponent(call.id)}`}>{call.caller.number || "withheld"}</Link> <Text component="span" c="dimmed">{call.caller.name}</Text></Table.Td>
                      <Table.Td className="num">{call.dest_number}</Table.Td>
                      <Table.Td>{nameOf(places[call.id]?.object)} {places[call.id]?.heldBy && <Badge size="sm" variant="light" color="orange">On hold by {places[call.id]?.heldBy}</Badge>}</Table.Td>
                      <Table.Td><Since at={call.started_at} /></Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody></Table></div>
              )}
            </Loaded>
          </section>
          <section className="panel">
            <Title order={2} p="md" pb={4}>Queues</Title>
            <Loaded query={queues} rows={3}>
              {(rows) => rows.length === 0 ? <Empty icon={IconUsersPlus} title="No queue is live" /> : (
                <div className="table-scroll"><Table>
                  <Table.Thead><Table.Tr><Table.Th>Queue</Table.Th><Table.Th>Waiting</Table.Th><Table.Th>Longest</Table.Th><Table.Th>Agents</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {rows.map((queue) => (
                      <Table.Tr key={queue.id}>
                        <Table.Td fw={500}>{queue.name}</Table.Td>
                        <Table.Td className="num">{queue.waiting}</Table.Td>
                        <Table.Td className="num">{seconds(queue.longest_seconds)}</Table.Td>
                        <Table.Td>{queue.agents.map((agent) => `${agent.name || agent.user}${agent.paused ? " (paused)" : ""}`).join(", ") || "none"}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table></div>
              )}
            </Loaded>
          </section>
          <section className="panel" style={{ paddingBottom: 8 }}>
            <Title order={2} p="md" pb={8}>Users</Title>
            <Loaded query={users} rows={3}>
              {(rows) => <Stack gap={6} px="md">{rows.map((user) => <Group key={user.extension} justify="space-between"><Text>{user.name} <Text component="span" c="dimmed">{user.extension}</Text></Text><UserState user={user} /></Group>)}{rows.length === 0 && <Text c="dimmed" pb="xs">No users are live.</Text>}</Stack>}
            </Loaded>
          </section>
          <section className="panel">
            <Title order={2} p="md" pb={4}>Event stream</Title>
            {lines.length === 0 ? <Empty icon={IconBroadcast} title="Waiting for events" /> : (
              <div style={{ maxHeight: 360, overflow: "auto", padding: "0 16px 12px" }} tabIndex={0} aria-label="Events as they happen" role="log">
                {lines.map((line, index) => (
                  <Group key={lines.length - index} gap="xs" wrap="nowrap" py={2}>
                    <Text fz="xs" c="dimmed"><Time at={line.at} short /></Text>
                    <Badge size="xs" variant="light" color={line.type === "event" ? "pink" : line.type === "delivery" ? "green" : "blue"} w={70} style={{ flex: "none" }}>{line.type}</Badge>
                    <Text fz="xs" truncate>{line.text}</Text>
                  </Group>
                ))}
              </div>
            )}
          </section>
        </SimpleGrid>
      </Stack>
    </Page>
  );
}

function Figure({ name, value }: { name: string; value: number | undefined }) {
  return <div className="panel" style={{ padding: "10px 14px" }}><Text fz="xs" c="dimmed">{name}</Text><Text fz={24} fw={600} className="num" lh={1.3}>{value ?? "–"}</Text></div>;
}

function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function Since({ at }: { at: string | undefined }) {
  const now = useNow();
  return <span className="num">{at ? seconds((now - new Date(at).getTime()) / 1000) : "–"}</span>;
}

function useRate(lines: Line[]): number {
  const now = useNow();
  return lines.filter((line) => line.type === "event" && now - line.at < 60_000).length;
}

function lineOf(type: string, data: Record<string, unknown>): Line {
  const said = ["text", "type", "name", "object", "user", "state", "step", "endpoint", "status"].map((key) => data[key]).filter((value) => typeof value === "string" || typeof value === "number");
  const call = String(data.call ?? data.unique_call_id ?? "");
  return { at: Date.now(), type, text: [...said, call].filter(Boolean).join(" · "), call };
}
