import { Alert, Button, Group, List, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { get, remove } from "../../api/client";
import type { Call, Erased, Page as PageOf } from "../../api/types";
import { count } from "../../nodes/face";
import { Page } from "../../shared/Page";
import { ErrorState, Loaded } from "../../shared/States";
import { Dialog } from "../../shared/Dialog";

const MOST = 100;

/** A caller asks to be forgotten: found by number, shown, confirmed, reported. */
export function PersonalDataPage() {
  const [number, setNumber] = useState("");
  const [wanted, want] = useState("");
  const [erased, setErased] = useState<{ number: string; report: Erased } | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setErased(null);
    want(number.trim());
  };
  return (
    <Page title="Personal data" about="What is kept of a caller, taken out when they ask for it.">
      <section className="panel" style={{ padding: 16, maxWidth: 620 }}>
        <Title order={2} mb={4}>Erase a caller</Title>
        <Text c="dimmed" mb="sm">Takes the number and its names out of all ended calls, their events, answers and emails, and deletes their audio and what was left in mailboxes. The calls themselves stay, without a name.</Text>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            <TextInput label="Number" placeholder="+61400000001" value={number} onChange={(e) => setNumber(e.target.value)} inputMode="tel" maxLength={80} required style={{ flex: 1 }} />
            <Button type="submit" variant="default" disabled={!number.trim()}>Look it up</Button>
          </Group>
        </form>
        {erased && <Report number={erased.number} report={erased.report} />}
        <Text c="dimmed" fz="xs" mt="md">It stays in backups, and in what receivers were sent.</Text>
      </section>
      {wanted && <Confirm number={wanted} close={() => want("")} done={(report) => { setErased({ number: wanted, report }); want(""); setNumber(""); }} />}
    </Page>
  );
}

function Confirm({ number, close, done }: { number: string; close: () => void; done: (report: Erased) => void }) {
  const found = useQuery({ queryKey: ["calls", "of", number], queryFn: () => get<PageOf<Call>>("/api/calls", { number: number.replace(/^\+/, ""), limit: MOST }) });
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const erase = async () => {
    setBusy(true);
    try {
      const report = await remove<Erased>(`/api/people/${encodeURIComponent(number)}`);
      await queries.invalidateQueries({ queryKey: ["calls"] });
      done(report);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={close} busy={busy} title={`Erase ${number}?`}>
      <Stack gap="sm">
        {error !== null && <ErrorState error={error} />}
        <Loaded query={found} rows={2}>
          {({ items, next }) => <Text>{items.length === 0 ? "No call is kept from or to this number. What it left in mailboxes is deleted all the same." : `${next ? "More than " : ""}${count(items.length, "call")} from or to it ${items.length === 1 && !next ? "is" : "are"} kept. What is erased cannot be brought back.`}</Text>}
        </Loaded>
        <Group justify="flex-end">
          <Button variant="default" onClick={close} disabled={busy}>Keep it</Button>
          <Button color="red.9" autoContrast={false} loading={busy} disabled={!found.data} onClick={() => void erase()}>Erase for good</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function Report({ number, report }: { number: string; report: Erased }) {
  return (
    <Alert color="green" variant="light" mt="md" role="status" title={`${number} is erased`}>
      <List size="sm">
        <List.Item>{count(report.calls, "call")}</List.Item>
        <List.Item>{count(report.events, "event")}</List.Item>
        <List.Item>{count(report.audio, "audio file")} deleted</List.Item>
        <List.Item>{report.messages === null ? "Mailboxes are on another machine: do it there too" : `${count(report.messages, "message")} in mailboxes deleted`}</List.Item>
        {report.open > 0 && <List.Item>{count(report.open, "call")} still in progress: do it again when they are over</List.Item>}
      </List>
    </Alert>
  );
}
