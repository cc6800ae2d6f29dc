import { Badge, Button, Group, Select, Table, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPhoneCall, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { get } from "../../api/client";
import type { Page as PageOf } from "../../api/types";
import { useDraft } from "../../draft/store";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loading } from "../../shared/States";
import { seconds, Time } from "../../shared/Time";
import { CallPage } from "./CallPage";
import { type CallRow, callerName, callerOf, startOf } from "./calls";

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
    queryFn: ({ pageParam }) => get<PageOf<CallRow>>("/api/calls", { ...filter, after: pageParam, limit: 100 }),
    getNextPageParam: (last) => last.next,
    refetchInterval: 5000,
  });
  const items = rows.data?.pages.flatMap((page) => page.items ?? []) ?? [];
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <Page title="Calls" about="Every call with its path, its audio and its webhooks.">
      <Group gap="xs" mb="sm" align="flex-end">
        <TextInput size="xs" label="Number" placeholder="Caller or called" leftSection={<IconSearch size={14} />} value={number} onChange={(e) => setNumber(e.target.value)} w={190} inputMode="tel" />
        <Select size="xs" label="User" data={users.map((one) => ({ value: one.extension, label: one.name }))} value={user} onChange={setUser} clearable searchable placeholder="Any" w={160} />
        <Select size="xs" label="State" data={[{ value: "open", label: "In progress" }, { value: "ended", label: "Ended" }]} value={state} onChange={setState} clearable placeholder="Any" w={130} />
        <TextInput size="xs" label="From" type="datetime-local" value={since} onChange={(e) => setSince(e.target.value)} w={190} />
        <TextInput size="xs" label="Until" type="datetime-local" value={until} onChange={(e) => setUntil(e.target.value)} w={190} />
      </Group>
      <div className="panel table-scroll">
        {rows.error && !rows.data ? <ErrorState error={rows.error} retry={() => void rows.refetch()} /> : rows.isPending ? <div style={{ padding: 16 }}><Loading /></div> : items.length === 0 ? (
          <Empty icon={IconPhoneCall} title={isFiltered ? "No call matches" : "No calls yet"}>{!isFiltered && "Calls appear here as soon as they reach a number."}</Empty>
        ) : (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Started</Table.Th><Table.Th>From</Table.Th><Table.Th>To</Table.Th><Table.Th>Reached</Table.Th><Table.Th>State</Table.Th><Table.Th>Duration</Table.Th><Table.Th>Id</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((call) => (
                <Table.Tr key={call.id} className="row-link" onClick={() => go(`/calls/${encodeURIComponent(call.id)}`)}>
                  <Table.Td><Time at={startOf(call)} /></Table.Td>
                  <Table.Td>
                    <Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{callerOf(call) || "withheld"}</Button>
                    {callerName(call) && <Text component="span" c="dimmed"> {callerName(call)}</Text>}
                  </Table.Td>
                  <Table.Td className="num">{call.dest_number}</Table.Td>
                  <Table.Td>{reached(call)}</Table.Td>
                  <Table.Td>{call.ended_at ? <Badge variant="light" color="gray">Ended</Badge> : <Badge variant="light" color="green">In progress</Badge>}</Table.Td>
                  <Table.Td className="num">{lengthOf(call)}</Table.Td>
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

function reached(call: CallRow): string {
  const users = (call.users ?? []) as unknown[];
  const names = users.map((one) => (typeof one === "string" ? one : ((one as { name?: string }).name ?? "")));
  return [...new Set(names)].filter(Boolean).join(", ") || "–";
}

function lengthOf(call: CallRow): string {
  const start = startOf(call);
  if (!start || !call.ended_at) return "–";
  return seconds((new Date(call.ended_at).getTime() - new Date(start).getTime()) / 1000);
}
