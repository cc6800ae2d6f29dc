import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { explain } from "../api/problem";
import { setUp, useRenewSession } from "../api/session";
import { RestoreDialog } from "../pages/settings/RestoreDialog";

const SHORTEST = 12;

/** First start: whoever can read the server's output makes the first administrator. */
export function SetupPage() {
  const [code, setCode] = useState(() => new URLSearchParams(window.location.search).get("code") ?? "");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [restoring, setRestoring] = useState(false);
  const renew = useRenewSession();
  const differs = again !== "" && again !== password;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (again !== password) return;
    setBusy(true);
    try {
      await setUp(code.trim(), name.trim(), password);
      window.history.replaceState(null, "", "/pbx");
      await renew();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="gate">
      <div className="panel gate-card">
        <img src="/assets/icon.svg" width={40} height={40} alt="" />
        <Title order={1} mt="sm" mb={4}>Welcome to Hookswitch</Title>
        <Text c="dimmed" mb="lg">
          Create the first administrator. The one-time code is in the output of the server that you started.
        </Text>
        <form onSubmit={(event) => void submit(event)}>
          <Stack gap="sm">
            {error !== null && (
              <Alert color="red" variant="light" title={explain(error).title} role="alert">{explain(error).detail}</Alert>
            )}
            <TextInput label="One-time code" value={code} onChange={(e) => setCode(e.target.value)} autoComplete="off" styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} required />
            <TextInput label="Your name" description="You sign in with it" value={name} onChange={(e) => setName(e.target.value)} autoComplete="username" required />
            <PasswordInput label="Password" description={`At least ${SHORTEST} characters`} value={password} onChange={(e) => setPassword(e.target.value)} autoComplete="new-password" minLength={SHORTEST} required />
            <PasswordInput label="Password again" value={again} onChange={(e) => setAgain(e.target.value)} error={differs && "The two differ"} autoComplete="new-password" required />
            <Button type="submit" loading={busy} mt="xs">Create administrator</Button>
            <Button variant="subtle" onClick={() => setRestoring(true)} disabled={!code.trim()}>Restore a backup instead</Button>
          </Stack>
        </form>
        {restoring && <RestoreDialog code={code} close={() => setRestoring(false)} />}
      </div>
    </main>
  );
}
