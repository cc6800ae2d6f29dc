import { Alert, Button, Group, PasswordInput, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { get, post, remove } from "../../api/client";
import type { OwnSession, Page as PageOf } from "../../api/types";
import { Page } from "../../shared/Page";
import { ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";
import { SecondFactor } from "./SecondFactor";

export function AccountPage() {
  return (
    <Page title="My account" about="How you sign in, and where you are signed in now.">
      <Stack gap="md" maw={720}>
        <PasswordForm />
        <SecondFactor />
        <Sessions />
      </Stack>
    </Page>
  );
}

function PasswordForm() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const { busy, error, run } = useDeed();
  const [done, setDone] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    void run(async () => {
      await post("/api/me/password", { old, new: fresh });
      setDone(true);
      setOld("");
      setFresh("");
    });
  };
  return (
    <section className="panel" style={{ padding: 16 }}>
      <Title order={2} mb="sm">Password</Title>
      <form onSubmit={submit}>
        <Stack gap="sm" maw={340}>
          {error !== null && <ErrorState error={error} />}
          {done && <Alert color="green" variant="light" p="xs" role="status">Changed. Every other session was ended.</Alert>}
          <PasswordInput label="Password now" value={old} onChange={(e) => setOld(e.target.value)} autoComplete="current-password" required />
          <PasswordInput label="New password" description="At least 12 characters" minLength={12} value={fresh} onChange={(e) => setFresh(e.target.value)} autoComplete="new-password" required />
          <Group><Button type="submit" variant="default" loading={busy}>Change password</Button></Group>
        </Stack>
      </form>
    </section>
  );
}

function Sessions() {
  const sessions = useQuery({ queryKey: ["me", "sessions"], queryFn: () => get<PageOf<OwnSession>>("/api/me/sessions") });
  const queries = useQueryClient();
  const { busy, error, run } = useDeed();
  const end = (id: string) =>
    run(async () => {
      await remove(`/api/me/sessions/${id}`);
      await queries.invalidateQueries({ queryKey: ["me"] });
    });
  return (
    <section className="panel table-scroll">
      <Title order={2} p="md" pb={4}>Sessions</Title>
      {error !== null && <ErrorState error={error} />}
      <Loaded query={sessions} rows={2}>
        {({ items }) => (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Browser</Table.Th><Table.Th>Address</Table.Th><Table.Th>Seen</Table.Th><Table.Th /></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td maw={260} style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={one.agent}>{browserOf(one.agent)}</Table.Td>
                  <Table.Td className="mono">{one.address}</Table.Td>
                  <Table.Td><Time at={one.seen_at} /></Table.Td>
                  <Table.Td ta="right">{one.current ? <Text c="dimmed" fz="xs">This one</Text> : <Button size="xs" variant="default" onClick={() => void end(one.id)} disabled={busy}>End</Button>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </section>
  );
}

const BROWSERS: [RegExp, string][] = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"]];
const SYSTEMS: [RegExp, string][] = [[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];

/** "Firefox on Linux"; whatever names itself otherwise as it is. */
function browserOf(agent: string): string {
  const of = (known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(agent))?.[1];
  const [browser, system] = [of(BROWSERS), of(SYSTEMS)];
  return browser && system ? `${browser} on ${system}` : agent || "Unknown";
}
