import { Alert, Badge, Button, Group, Table, Text, Textarea } from "@mantine/core";
import { IconArrowLeft, IconHistory } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "wouter";
import { useAllowed } from "../../api/auth";
import { get, post } from "../../api/client";
import type { Change, Revision, RevisionDetails } from "../../api/types";
import { ChangeList } from "../../draft/ChangeList";
import { loadDraft, saved } from "../../draft/store";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { Dialog } from "../../shared/Dialog";

const COLORS: Record<string, string> = { live: "green", failed: "red", retired: "gray" };

export function HistoryPage() {
  const [, go] = useLocation();
  const [opened, open] = useState<number | null>(null);
  const revisions = useQuery({ queryKey: ["revisions"], queryFn: () => get<Revision[]>("/api/revisions") });
  return (
    <Page
      title="History" about="What was applied, by whom, and what it changed."
      actions={<Button variant="default" leftSection={<IconArrowLeft size={16} />} onClick={() => go("/pbx")}>Back to the canvas</Button>}
    >
      <Loaded query={revisions}>
        {(rows) => rows.length === 0 ? (
          <div className="panel"><Empty icon={IconHistory} title="Nothing was applied yet">Each time a configuration is applied, it is kept here.</Empty></div>
        ) : (
          <div className="panel table-scroll">
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Revision</Table.Th><Table.Th>State</Table.Th><Table.Th>When</Table.Th><Table.Th>Who</Table.Th><Table.Th>Comment</Table.Th><Table.Th /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={row.number}>
                    <Table.Td className="num">{row.number}</Table.Td>
                    <Table.Td><Badge variant="light" color={COLORS[row.state] ?? "gray"}>{row.state}</Badge></Table.Td>
                    <Table.Td><Time at={row.applied_at} /></Table.Td>
                    <Table.Td>{row.applied_by}</Table.Td>
                    <Table.Td>{row.comment || (row.origin === "apply" ? "" : <Text c="dimmed">{row.origin}</Text>)}{row.reason && <Text c="red" fz="xs">{row.reason}</Text>}</Table.Td>
                    <Table.Td ta="right"><Button size="xs" variant="default" onClick={() => open(row.number)}>Changes</Button></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Loaded>
      {opened !== null && <RevisionDialog number={opened} close={() => open(null)} />}
    </Page>
  );
}

function RevisionDialog({ number, close }: { number: number; close: () => void }) {
  const allowed = useAllowed("operator");
  const queries = useQueryClient();
  const [comment, setComment] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const details = useQuery({ queryKey: ["revisions", number], queryFn: () => get<RevisionDetails>(`/api/revisions/${number}`) });
  const back = useQuery({ queryKey: ["revisions", "live", "diff", number], queryFn: () => get<Change[]>(`/api/revisions/live/diff/${number}`), enabled: details.data?.state === "retired" });
  const rollBack = async () => {
    setBusy(true);
    setError(null);
    try {
      await saved();
      await post(`/api/revisions/${number}/rollback?comment=${encodeURIComponent(comment)}`);
      await queries.invalidateQueries();
      await loadDraft();
      close();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={close} busy={busy} size="lg" title={`Revision ${number}`}>
      {error !== null && <ErrorState error={error} />}
      <Loaded query={details}>
        {(found) => (
          <>
            {found.reason && <Alert color="red" variant="light" title="It could not be applied">{found.reason}</Alert>}
            {found.changes.length ? <ChangeList changes={found.changes} /> : <Text c="dimmed">It changed nothing.</Text>}
            {found.state === "retired" && allowed && (
              <>
                <Text fw={600} mt="lg" mb={4}>Going back to it</Text>
                <Loaded query={back} rows={2}>{(changes) => changes.length ? <ChangeList changes={changes} /> : <Text c="dimmed">It is the same as what is live.</Text>}</Loaded>
                <Textarea label="Comment" value={comment} onChange={(e) => setComment(e.target.value)} maxLength={500} mt="sm" autosize />
                <Group justify="space-between" mt="sm">
                  <Text c="dimmed" fz="xs">Secrets stay as they are today.</Text>
                  <Button color="red.9" autoContrast={false} onClick={() => void rollBack()} loading={busy}>Roll back to revision {number}</Button>
                </Group>
              </>
            )}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}
