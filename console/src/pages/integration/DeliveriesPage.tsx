import { Badge, Button, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { IconRefresh, IconSend } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useParams, useSearchParams } from "wouter";
import { useAllowed } from "../../api/auth";
import { useEvents } from "../../api/catalogue";
import { get } from "../../api/client";
import type { Delivery, Page as PageOf } from "../../api/types";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loading } from "../../shared/States";
import { Time } from "../../shared/Time";
import { DeliveryDialog } from "./DeliveryDialog";
import { ReplayDialog } from "./ReplayDialog";
import { STATES } from "./deliveries";
import { useEndpointName, useEndpoints } from "./endpoints";

const FILTERS = ["call", "type", "endpoint", "state", "since", "until"] as const;

export function DeliveriesPage() {
  const { id } = useParams<{ id?: string }>();
  const [search, setSearch] = useSearchParams();
  const [, go] = useLocation();
  const [replaying, setReplaying] = useState(false);
  const events = useEvents();
  const endpoints = useEndpoints();
  const nameOf = useEndpointName();
  const allowed = useAllowed("operator");
  const filter = Object.fromEntries(FILTERS.map((name) => [name, search.get(name) ?? ""]));
  const set = (name: string, value: string | null) =>
    setSearch((old) => {
      const next = new URLSearchParams(old);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    }, { replace: true });
  const rows = useInfiniteQuery({
    queryKey: ["deliveries", filter],
    initialPageParam: "",
    queryFn: ({ pageParam }) => get<PageOf<Delivery>>("/api/deliveries", { ...instants(filter), after: pageParam, limit: 100 }),
    getNextPageParam: (last) => last.next,
    refetchInterval: 5000,
  });
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  const titles = new Map((events.data ?? []).map((event) => [event.type, event.title]));
  return (
    <Page
      title="Deliveries" about="Every event, every attempt, what was sent and what came back."
      actions={
        <Group gap="xs">
          <Button variant="default" leftSection={<IconRefresh size={15} />} onClick={() => void rows.refetch()}>Refresh</Button>
          {allowed && <Button variant="default" leftSection={<IconSend size={15} />} onClick={() => setReplaying(true)}>Resend these…</Button>}
        </Group>
      }
    >
      <div className="filters">
        <TextInput size="xs" label="Call" value={filter.call} onChange={(e) => set("call", e.target.value)} placeholder="Any" w={170} />
        <Select size="xs" label="Trigger" data={(events.data ?? []).map((event) => ({ value: event.type, label: event.title }))} value={filter.type || null} onChange={(value) => set("type", value)} clearable placeholder="Any" w={210} />
        <Select size="xs" label="Endpoint" data={(endpoints.data ?? []).map((one) => ({ value: one.id, label: one.name }))} value={filter.endpoint || null} onChange={(value) => set("endpoint", value)} clearable placeholder="Any" w={140} />
        <Select size="xs" label="State" data={Object.entries(STATES).map(([value, [label]]) => ({ value, label }))} value={filter.state || null} onChange={(value) => set("state", value)} clearable placeholder="Any" w={130} />
        <TextInput size="xs" label="From" type="datetime-local" value={filter.since} onChange={(e) => set("since", e.target.value)} w={190} />
        <TextInput size="xs" label="Until" type="datetime-local" value={filter.until} onChange={(e) => set("until", e.target.value)} w={190} />
      </div>
      <div className="panel table-scroll">
        {rows.error && !rows.data ? <ErrorState error={rows.error} retry={() => void rows.refetch()} /> : rows.isPending ? <div style={{ padding: 16 }}><Loading /></div> : items.length === 0 ? (
          <Empty icon={IconSend} title="No deliveries">{Object.values(filter).some(Boolean) ? "None matches the filter." : "As soon as a call passes, its webhooks are listed here."}</Empty>
        ) : (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Created</Table.Th><Table.Th>Trigger</Table.Th><Table.Th>Endpoint</Table.Th><Table.Th>Call</Table.Th><Table.Th>No.</Table.Th><Table.Th>State</Table.Th><Table.Th>Attempts</Table.Th><Table.Th>Answer</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((row) => (
                <Table.Tr key={row.id} className="row-link" onClick={() => go(`/integration/deliveries/${row.id}?${search}`)}>
                  <Table.Td><Time at={row.created_at} /></Table.Td>
                  <Table.Td><Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{titles.get(row.type) ?? row.type}</Button></Table.Td>
                  <Table.Td>{nameOf(row.endpoint)}</Table.Td>
                  <Table.Td className="mono">{row.call}</Table.Td>
                  <Table.Td className="num">{row.sequence ?? "–"}</Table.Td>
                  <Table.Td><StateBadge state={row.state} /></Table.Td>
                  <Table.Td className="num">{row.attempts}</Table.Td>
                  <Table.Td className="num">{row.last_status ?? row.last_error?.replaceAll("_", " ") ?? "–"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {rows.hasNextPage && <Group justify="center" mt="sm"><Button variant="default" onClick={() => void rows.fetchNextPage()} loading={rows.isFetchingNextPage}>Show older</Button></Group>}
      {items.length > 0 && <Text c="dimmed" fz="xs" mt="xs">{items.length} shown, the newest first</Text>}
      {id && <DeliveryDialog id={id} close={() => go(`/integration/deliveries?${search}`)} />}
      {replaying && <ReplayDialog filter={instants(filter)} close={() => setReplaying(false)} />}
    </Page>
  );
}

export function StateBadge({ state }: { state: string }) {
  const [label, color] = STATES[state] ?? [state, "gray"];
  return <Badge variant="light" color={color}>{label}</Badge>;
}

function instants(filter: Record<string, string>): Record<string, string> {
  const of = (value: string | undefined) => (value ? new Date(value).toISOString() : "");
  return { ...filter, since: of(filter.since), until: of(filter.until) };
}
