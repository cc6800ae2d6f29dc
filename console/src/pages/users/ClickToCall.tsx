import { Alert, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { useAllowed } from "../../api/auth";
import { post } from "../../api/client";
import type { UserState } from "../../api/types";
import { ErrorState } from "../../shared/States";
import { isOnline, useUserStates } from "./states";
import { Dialog } from "../../shared/Dialog";

/** Rings a user's phones; when they answer, the number is dialled for them. */
export function ClickToCall({ compact = false, from }: { compact?: boolean; from?: string }) {
  const [opened, open] = useState(false);
  const allowed = useAllowed("operator");
  if (!allowed) return null;
  return (
    <>
      <Button size={compact ? "xs" : "sm"} variant="default" leftSection={<IconPhoneOutgoing size={compact ? 14 : 16} />} onClick={() => open(true)}>{compact ? "Call" : "Place a call"}</Button>
      {opened && <OwnDialog from={from} close={() => open(false)} />}
    </>
  );
}

function OwnDialog({ from, close }: { from: string | undefined; close: () => void }) {
  const users = useUserStates().data ?? [];
  const [user, setUser] = useState<string | null>(from ?? null);
  const [number, setNumber] = useState("");
  const [call, setCall] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      setCall((await post<{ call: string }>("/api/calls", { user, number: number.trim() })).call);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const label = (one: UserState) => `${one.name} (${one.extension})${isOnline(one) ? "" : ", offline"}`;
  return (
    <Dialog onClose={close} busy={busy} title="Place a call">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          {error !== null && <ErrorState error={error} />}
          {call && <Alert color="green" variant="light" role="status">The phones ring. <Link href={`/calls/${encodeURIComponent(call)}`}>See the call</Link></Alert>}
          <Select label="Whose phones ring first" data={users.map((one) => ({ value: one.extension, label: label(one) }))} value={user} onChange={setUser} allowDeselect={false} searchable required placeholder="Choose a user" />
          <TextInput label="Number to call" description="Dialled as soon as they answer" value={number} onChange={(e) => setNumber(e.target.value)} inputMode="tel" maxLength={40} required data-autofocus />
          <Group justify="flex-end"><Button type="submit" loading={busy} disabled={!user || !number.trim()}>Call</Button></Group>
        </Stack>
      </form>
    </Dialog>
  );
}
