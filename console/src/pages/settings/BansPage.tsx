import { Button, Table } from "@mantine/core";
import { IconShieldOff } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useAllowed } from "../../api/auth";
import { get, remove } from "../../api/client";
import type { Ban } from "../../api/types";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";

export function BansPage() {
  const bans = useQuery({ queryKey: ["bans"], queryFn: () => get<Ban[]>("/api/bans"), refetchInterval: 10_000 });
  const queries = useQueryClient();
  const allowed = useAllowed("operator");
  const { busy, error, run } = useDeed();
  const lift = (address: string) =>
    run(async () => {
      await remove(`/api/bans/${encodeURIComponent(address)}`);
      await queries.invalidateQueries({ queryKey: ["bans"] });
    });
  return (
    <Page title="Banned addresses" about="Addresses that guessed SIP passwords are kept out for a while.">
      {error !== null && <ErrorState error={error} />}
      <div className="panel table-scroll">
        <Loaded query={bans} rows={2}>
          {(rows) => rows.length === 0 ? <Empty icon={IconShieldOff} title="Nobody is banned">An address that fails to log in again and again is listed here, with the account it tried, and can be let in again.</Empty> : (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Address</Table.Th><Table.Th>Since</Table.Th><Table.Th>Until</Table.Th><Table.Th>Failures</Table.Th><Table.Th>Account tried</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((ban) => (
                  <Table.Tr key={ban.address}>
                    <Table.Td className="mono">{ban.address}</Table.Td>
                    <Table.Td><Time at={ban.since} /></Table.Td>
                    <Table.Td><Time at={ban.until} /></Table.Td>
                    <Table.Td className="num">{ban.failures}</Table.Td>
                    <Table.Td className="mono">{ban.account}</Table.Td>
                    <Table.Td ta="right">{allowed && <Button size="xs" variant="default" onClick={() => void lift(ban.address)} disabled={busy}>Let in again</Button>}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
