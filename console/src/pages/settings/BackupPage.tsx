import { Button, Table } from "@mantine/core";
import { IconArchive } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";

type Backup = { id?: string; name?: string; created_at?: string; bytes?: number; size?: number };

export function BackupPage() {
  const queries = useQueryClient();
  const backups = useQuery({
    queryKey: ["backups"],
    queryFn: async () => {
      const found = await get<Backup[] | { items: Backup[] }>("/api/backups");
      return Array.isArray(found) ? found : found.items;
    },
  });
  const make = useMutation({ mutationFn: () => post("/api/backups"), onSettled: () => queries.invalidateQueries({ queryKey: ["backups"] }) });
  return (
    <Page title="Backup" about="Configuration, secrets, history and prompts in one file." actions={<Button onClick={() => make.mutate()} loading={make.isPending}>Back up now</Button>}>
      {make.error && <ErrorState error={make.error} />}
      <div className="panel table-scroll">
        <Loaded query={backups} rows={2}>
          {(rows) => rows.length === 0 ? <Empty icon={IconArchive} title="No backups yet" /> : (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Backup</Table.Th><Table.Th>Made</Table.Th><Table.Th>Size</Table.Th></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((one) => (
                  <Table.Tr key={one.id ?? one.name}><Table.Td className="mono">{one.name ?? one.id}</Table.Td><Table.Td><Time at={one.created_at} /></Table.Td><Table.Td className="num">{Math.ceil((one.bytes ?? one.size ?? 0) / 1024)} KB</Table.Td></Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
