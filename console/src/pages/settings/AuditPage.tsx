import { Button, Group, Table } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { AuditEntry, Page as PageOf } from "../../api/types";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loading } from "../../shared/States";
import { Time } from "../../shared/Time";
import { deedOf } from "./deeds";

export function AuditPage() {
  const rows = useInfiniteQuery({
    queryKey: ["audit"],
    initialPageParam: "",
    queryFn: ({ pageParam }) => get<PageOf<AuditEntry>>("/api/audit", { after: pageParam, limit: 100 }),
    getNextPageParam: (last) => last.next,
  });
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title="Audit log" about="Who changed what, when, and from where.">
      <div className="panel table-scroll" tabIndex={0} role="region" aria-label="Entries">
        {rows.error && !rows.data ? <ErrorState error={rows.error} /> : rows.isPending ? <div style={{ padding: 16 }}><Loading /></div> : items.length === 0 ? <Empty icon={IconHistory} title="Nothing yet" /> : (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>When</Table.Th><Table.Th>Who</Table.Th><Table.Th>What</Table.Th><Table.Th>Details</Table.Th><Table.Th>From</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td><Time at={one.at} /></Table.Td>
                  <Table.Td fw={500}>{one.who}</Table.Td>
                  <Table.Td title={one.what}>{deedOf(one.what)}</Table.Td>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>{one.details || one.target}</Table.Td>
                  <Table.Td className="mono">{one.address}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {rows.hasNextPage && <Group justify="center" mt="sm"><Button variant="default" onClick={() => void rows.fetchNextPage()}>Show older</Button></Group>}
    </Page>
  );
}
