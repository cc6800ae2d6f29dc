import { Alert, Button, Group, PasswordInput, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { renderSVG } from "uqr";
import { ask, get, post, remove } from "../../api/client";
import type { OwnSession, Page as PageOf } from "../../api/types";
import { Page } from "../../shared/Page";
import { ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";

export function AccountPage() {
  return (
    <Page title="My account">
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
  const [error, setError] = useState<unknown>(null);
  const [done, setDone] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setDone(false);
    setError(null);
    try {
      await post("/api/me/password", { old, new: fresh });
      setDone(true);
      setOld("");
      setFresh("");
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <section className="panel" style={{ padding: 16 }}>
      <Title order={2} mb="sm">Password</Title>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm" maw={340}>
          {error !== null && <ErrorState error={error} />}
          {done && <Alert color="green" variant="light" p="xs" role="status">Changed. Every other session was ended.</Alert>}
          <PasswordInput label="Password now" value={old} onChange={(e) => setOld(e.target.value)} autoComplete="current-password" required />
          <PasswordInput label="New password" value={fresh} onChange={(e) => setFresh(e.target.value)} autoComplete="new-password" required />
          <Group><Button type="submit" variant="default">Change password</Button></Group>
        </Stack>
      </form>
    </section>
  );
}

function SecondFactor() {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const attempt = async (act: () => Promise<void>) => {
    setError(null);
    try {
      await act();
    } catch (problem) {
      setError(problem);
    }
  };
  const begin = () => attempt(async () => setMade(await post("/api/me/totp", { password })));
  const confirm = () =>
    attempt(async () => {
      await post("/api/me/totp/confirm", { code: code.replaceAll(" ", "") });
      setMade(null);
      setSaid("It is on: a code is asked for from now on.");
    });
  const end = () =>
    attempt(async () => {
      await ask("DELETE", "/api/me/totp", { body: { password } });
      setSaid("It is off.");
    });
  return (
    <section className="panel" style={{ padding: 16 }}>
      <Title order={2}>Second factor</Title>
      <Text c="dimmed" mb="sm">A one-time code of an authenticator app, asked for at sign-in.</Text>
      {error !== null && <ErrorState error={error} />}
      {said && <Alert color="green" variant="light" p="xs" mb="sm" role="status">{said}</Alert>}
      {made ? (
        <Group align="flex-start">
          <div style={{ width: 180, background: "#fff", padding: 6, borderRadius: 6 }} role="img" aria-label="QR code for the authenticator app" dangerouslySetInnerHTML={{ __html: renderSVG(made.uri, { border: 1 }) }} />
          <Stack gap="sm">
            <Text>Or type <span className="mono">{made.secret}</span></Text>
            <TextInput label="Code the app shows" value={code} onChange={(e) => setCode(e.target.value)} inputMode="numeric" />
            <Button onClick={() => void confirm()} disabled={code.length < 6}>Turn it on</Button>
          </Stack>
        </Group>
      ) : (
        <Group align="flex-end" gap="sm">
          <PasswordInput label="Password" value={password} onChange={(e) => setPassword(e.target.value)} w={240} autoComplete="current-password" />
          <Button variant="default" onClick={() => void begin()} disabled={!password}>Set up</Button>
          <Button variant="subtle" color="red" onClick={() => void end()} disabled={!password}>Turn off</Button>
        </Group>
      )}
    </section>
  );
}

function Sessions() {
  const sessions = useQuery({ queryKey: ["me", "sessions"], queryFn: () => get<PageOf<OwnSession>>("/api/me/sessions") });
  const queries = useQueryClient();
  const end = (id: string) => remove(`/api/me/sessions/${id}`).then(() => queries.invalidateQueries({ queryKey: ["me"] }));
  return (
    <section className="panel table-scroll">
      <Title order={2} p="md" pb={4}>Sessions</Title>
      <Loaded query={sessions} rows={2}>
        {({ items }) => (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Browser</Table.Th><Table.Th>Address</Table.Th><Table.Th>Seen</Table.Th><Table.Th /></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td maw={260} style={{ overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" }} title={one.agent}>{one.agent}</Table.Td>
                  <Table.Td className="mono">{one.address}</Table.Td>
                  <Table.Td><Time at={one.seen_at} /></Table.Td>
                  <Table.Td ta="right">{one.current ? <Text c="dimmed" fz="xs">This one</Text> : <Button size="xs" variant="default" onClick={() => void end(one.id)}>End</Button>}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </section>
  );
}
