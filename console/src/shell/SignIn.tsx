import { Alert, Button, Modal, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useAuth } from "../api/auth";
import { explain, Problem } from "../api/problem";
import { signIn, useRenewSession } from "../api/session";

export function SignInPage() {
  return (
    <main className="gate">
      <div className="panel gate-card">
        <Title order={1} mb={4}>Sign in</Title>
        <Text c="dimmed" mb="lg">Hookswitch on {window.location.host}</Text>
        <SignInForm />
      </div>
    </main>
  );
}

/** Over the open page when its session ended: what was typed stays as it is. */
export function SignInDialog() {
  const lost = useAuth((state) => state.lost);
  const name = useAuth((state) => state.session?.user?.name ?? "");
  return (
    <Modal opened={lost} onClose={() => undefined} withCloseButton={false} title="Your session ended">
      <Text mb="md">Sign in again to go on. Nothing that you typed is lost.</Text>
      <SignInForm known={name} />
    </Modal>
  );
}

function SignInForm({ known = "" }: { known?: string }) {
  const [name, setName] = useState(known);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const renew = useRenewSession();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(name.trim(), password, code.replaceAll(" ", ""));
      await renew();
    } catch (problem) {
      const wanted = problem instanceof Problem && problem.title.startsWith("One-time code");
      setNeedsCode(needsCode || wanted);
      setError(wanted && !needsCode ? null : problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {error !== null && <Wrong error={error} />}
        <TextInput label="Name" value={name} onChange={(e) => setName(e.target.value)} autoComplete="username" required data-autofocus={known ? undefined : true} />
        <PasswordInput label="Password" value={password} onChange={(e) => setPassword(e.target.value)} autoComplete="current-password" required data-autofocus={known ? true : undefined} />
        {needsCode && (
          <TextInput label="One-time code" description="From your authenticator app, or a recovery code" value={code} onChange={(e) => setCode(e.target.value)} autoComplete="one-time-code" autoFocus required />
        )}
        <Button type="submit" loading={busy} mt="xs">Sign in</Button>
      </Stack>
    </form>
  );
}

function Wrong({ error }: { error: unknown }) {
  const { title, detail } = explain(error);
  const wait = error instanceof Problem && error.retryAfter;
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      {detail}
      {wait ? ` Try again in ${wait} s.` : ""}
    </Alert>
  );
}
