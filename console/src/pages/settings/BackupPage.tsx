import { Anchor, Button, Checkbox, Group, Table } from "@mantine/core";
import { IconArchive, IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client";
import type { Backup, Page as PageOf } from "../../api/types";
import { ConfirmButton } from "../../shared/ConfirmButton";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { RestoreDialog } from "./RestoreDialog";

export function BackupPage() {
  const queries = useQueryClient();
  const [audio, setAudio] = useState(false);
  const [restoring, setRestoring] = useState<string | null>(null);
  const backups = useQuery({ queryKey: ["backups"], queryFn: () => get<PageOf<Backup>>("/api/backups") });
  const make = useMutation({ mutationFn: () => post("/api/backups", { audio }), onSettled: () => queries.invalidateQueries({ queryKey: ["backups"] }) });
  const drop = useMutation({ mutationFn: (name: string) => remove(`/api/backups/${encodeURIComponent(name)}`), onSettled: () => queries.invalidateQueries({ queryKey: ["backups"] }) });
  return (
    <Page
      title="Backup and restore" about="One file with configuration, history, secrets and their key: keep it as safe as the secrets."
      actions={
        <Group>
          <Checkbox label="With audio" checked={audio} onChange={(e) => setAudio(e.currentTarget.checked)} />
          <Button variant="default" leftSection={<IconUpload size={15} />} onClick={() => setRestoring("")}>Restore from a file</Button>
          <Button onClick={() => make.mutate()} loading={make.isPending}>Back up now</Button>
        </Group>
      }
    >
      {(make.error ?? drop.error) && <ErrorState error={make.error ?? drop.error} />}
      <div className="panel table-scroll">
        <Loaded query={backups} rows={2}>
          {({ items }) => items.length === 0 ? <Empty icon={IconArchive} title="No backups yet">Back up now makes a file here that you can download. Keep a copy on another machine: restored into a fresh installation it brings everything back.</Empty> : (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Backup</Table.Th><Table.Th>Made</Table.Th><Table.Th>Size</Table.Th><Table.Th aria-label="Actions" /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {items.map((one) => (
                  <Table.Tr key={one.name}>
                    <Table.Td><Anchor href={`/api/backups/${encodeURIComponent(one.name)}`} download className="mono">{one.name}</Anchor></Table.Td>
                    <Table.Td><Time at={one.created_at} /></Table.Td>
                    <Table.Td className="num">{Math.ceil(one.bytes / 1024)} KB</Table.Td>
                    <Table.Td ta="right">
                      <Group gap={6} justify="flex-end" wrap="nowrap">
                        <Button size="xs" variant="default" onClick={() => setRestoring(one.name)}>Restore</Button>
                        <ConfirmButton size="xs" variant="subtle" color="red" question="The file is deleted here for good. Copies that were downloaded stay." confirm="Delete backup" onConfirm={() => drop.mutate(one.name)}>Delete</ConfirmButton>
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
      {restoring !== null && <RestoreDialog kept={restoring || undefined} close={() => setRestoring(null)} />}
    </Page>
  );
}
