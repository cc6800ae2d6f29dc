import { Badge, Button, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPhoneCall, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { get } from "../../api/client";
import type { Call, Page as PageOf } from "../../api/types";
import { useDraft } from "../../draft/store";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loading } from "../../shared/States";
import { seconds, Time } from "../../shared/Time";
import { CallPage } from "./CallPage";

const OUTCOMES: Record<string, [string, string]> = { open: ["In progress", "blue"], answered: ["Answered", "green"], missed: ["Missed", "orange"] };

export function CallsPage() {
  const { id } = useParams<{ id?: string }>();
  return id ? <CallPage id={decodeURIComponent(id)} /> : <CallList />;
}

function CallList() {
  const [, go] = useLocation();
  const [number, setNumber] = useState("");
  const [user, setUser] = useState<string | null>(null);
  const [state, setState] = useState<string | null>(null);
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [wanted] = useDebouncedValue(number, 300);
  const users = useDraft((draft) => draft.document?.users) ?? [];
  const of = (value: string) => (value ? new Date(value).toISOString() : "");
  const filter = { number: wanted, user, state, since: of(since), until: of(until) };
  const rows = useInfiniteQuery({
    queryKey: ["calls", filter],
    initialPageParam: "",
    queryFn: ({ pageParam }) => get<PageOf<Call>>("/api/calls", { ...filter, after: pageParam, limit: 100 }),
    getNextPageParam: (last) => last.next,
    refetchInterval: 5000,
  });
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <Page title="Calls" about="Every call with its path, its audio and its webhooks.">
      <div className="filters">
        <TextInput size="xs" label="Number" placeholder="Caller or called" leftSection={<IconSearch size={14} />} value={number} onChange={(e) => setNumber(e.target.value)} w={190} inputMode="tel" />
        <Select size="xs" label="User" data={users.map((one) => ({ value: one.extension, label: one.name }))} value={user} onChange={setUser} clearable searchable placeholder="Any" w={160} />
        <Select size="xs" label="State" data={Object.entries(OUTCOMES).map(([value, [label]]) => ({ value, label }))} value={state} onChange={setState} clearable placeholder="Any" w={130} />
        <TextInput size="xs" label="From" type="datetime-local" value={since} onChange={(e) => setSince(e.target.value)} w={190} />
        <TextInput size="xs" label="Until" type="datetime-local" value={until} onChange={(e) => setUntil(e.target.value)} w={190} />
      </div>
      <div className="panel table-scroll">
        {rows.error && !rows.data ? <ErrorState error={rows.error} retry={() => void rows.refetch()} /> : rows.isPending ? <div style={{ padding: 16 }}><Loading /></div> : items.length === 0 ? (
          <Empty icon={IconPhoneCall} title={isFiltered ? "No call matches" : "No calls yet"}>{!isFiltered && "Calls appear here as soon as they reach a number."}</Empty>
        ) : (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Started</Table.Th><Table.Th>From</Table.Th><Table.Th>To</Table.Th><Table.Th>Reached</Table.Th><Table.Th>State</Table.Th><Table.Th>Duration</Table.Th><Table.Th>Id</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((call) => (
                <Table.Tr key={call.id} className="row-link" onClick={() => go(`/calls/${encodeURIComponent(call.id)}`)}>
                  <Table.Td><Time at={call.started_at} /></Table.Td>
                  <Table.Td>
                    <Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{call.caller.number || "withheld"}</Button>
                    {call.caller.name && <Text component="span" c="dimmed" fz="sm"> {call.caller.name}</Text>}
                  </Table.Td>
                  <Table.Td className="num">{call.dest_number}</Table.Td>
                  <Table.Td>{[...new Set(call.users.map((one) => one.name))].join(", ") || "–"}</Table.Td>
                  <Table.Td><Outcome call={call} /></Table.Td>
                  <Table.Td className="num">{seconds(call.duration)}</Table.Td>
                  <Table.Td className="mono">{call.id}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {rows.hasNextPage && <Group justify="center" mt="sm"><Button variant="default" onClick={() => void rows.fetchNextPage()} loading={rows.isFetchingNextPage}>Show older</Button></Group>}
    </Page>
  );
}

export function Outcome({ call }: { call: Call }) {
  const [label, color] = call.blocked ? ["Blocked", "gray"] : OUTCOMES[call.state] ?? [call.state, "gray"];
  return <Badge variant="light" color={color}>{label}</Badge>;
}
