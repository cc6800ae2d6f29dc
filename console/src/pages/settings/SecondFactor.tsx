import { Alert, Button, Group, PasswordInput, SimpleGrid, Stack, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { renderSVG } from "uqr";
import { ask, post } from "../../api/client";
import { Copy } from "../../shared/Copy";
import { ErrorState } from "../../shared/States";
import { useDeed } from "../../shared/useDeed";

type Made = { secret: string; uri: string };

/** Set up by a QR code and confirmed by a code; recovery codes are shown once. */
export function SecondFactor() {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [made, setMade] = useState<Made | null>(null);
  const [codes, setCodes] = useState<string[]>([]);
  const [said, setSaid] = useState("");
  const { busy, error, run } = useDeed();
  const attempt = (act: () => Promise<void>) => {
    setSaid("");
    return run(act);
  };
  const begin = () => attempt(async () => setMade(await post<Made>("/api/me/totp", { password })));
  const confirm = () =>
    attempt(async () => {
      setCodes((await post<{ codes: string[] }>("/api/me/totp/confirm", { code: code.replaceAll(" ", "") })).codes);
      setMade(null);
      setCode("");
    });
  const end = () =>
    attempt(async () => {
      await ask("DELETE", "/api/me/totp", { body: { password } });
      setCodes([]);
      setSaid("It is off.");
    });
  return (
    <section className="panel" style={{ padding: 16 }}>
      <Title order={2}>Second factor</Title>
      <Text c="dimmed" mb="sm">A one-time code of an authenticator app, asked for at sign-in.</Text>
      {error !== null && <ErrorState error={error} />}
      {said && <Alert color="green" variant="light" p="xs" mb="sm" role="status">{said}</Alert>}
      {codes.length > 0 && <Recovery codes={codes} close={() => setCodes([])} />}
      {made ? (
        <Group align="flex-start">
          <div style={{ width: 180, background: "#fff", padding: 6, borderRadius: 6 }} role="img" aria-label="QR code for the authenticator app" dangerouslySetInnerHTML={{ __html: renderSVG(made.uri, { border: 1 }) }} />
          <Stack gap="sm">
            <Group gap={4}><Text>Or type <span className="mono" data-testid="totp-secret">{made.secret}</span></Text><Copy value={made.secret} label="Copy the secret" /></Group>
            <TextInput label="Code the app shows" value={code} onChange={(e) => setCode(e.target.value)} inputMode="numeric" autoComplete="one-time-code" />
            <Group gap="xs">
              <Button onClick={() => void confirm()} loading={busy} disabled={code.length < 6}>Turn it on</Button>
              <Button variant="default" onClick={() => setMade(null)}>Not now</Button>
            </Group>
          </Stack>
        </Group>
      ) : (
        <Group align="flex-end" gap="sm">
          <PasswordInput label="Password" description="To set it up, or to turn it off" value={password} onChange={(e) => setPassword(e.target.value)} w={240} autoComplete="current-password" />
          <Button variant="default" onClick={() => void begin()} loading={busy} disabled={!password}>Set up</Button>
          <Button variant="subtle" color="red" onClick={() => void end()} disabled={!password || busy}>Turn off</Button>
        </Group>
      )}
    </section>
  );
}

function Recovery({ codes, close }: { codes: string[]; close: () => void }) {
  const text = codes.join("\n");
  return (
    <Alert color="green" variant="light" mb="sm" role="status" title="It is on: a code is asked for from now on">
      <Text fz="sm" mb={6}>Keep these recovery codes where the app is not. Each signs you in once if you lose it; they are not shown again.</Text>
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing={6} mb="sm" data-testid="recovery">{codes.map((code) => <span key={code} className="mono">{code}</span>)}</SimpleGrid>
      <Group gap="xs">
        <Button size="xs" variant="default" component="a" href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download="hookswitch-recovery-codes.txt">Download</Button>
        <Copy value={text} label="Copy the recovery codes" />
        <Button size="xs" onClick={close}>I have kept them</Button>
      </Group>
    </Alert>
  );
}
