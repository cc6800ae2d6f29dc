import { Alert, Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useAllowed } from "../../api/auth";
import { post } from "../../api/client";
import type { EventKind } from "../../api/types";
import { Code } from "../../shared/Copy";
import { ErrorState } from "../../shared/States";

type Trial = {
  request: { method?: string; url?: string; headers?: Record<string, string>; body?: unknown };
  status: number | null;
  error: string | null;
  detail: string;
  duration_ms: number;
  headers: Record<string, string>;
  response: string;
};

/** Send a sample the way real events go, and show request and answer. */
export function TestEvent({ id, events, isLive, isKnown }: { id: string; events: EventKind[]; isLive: boolean; isKnown: boolean }) {
  const [type, setType] = useState(events[0]?.type ?? "user_inbound");
  const [trial, setTrial] = useState<Trial | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const allowed = useAllowed("operator");
  const send = async () => {
    setBusy(true);
    setError(null);
    try {
      setTrial(await post<Trial>(`/api/webhooks/${encodeURIComponent(id)}/test`, { type }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="panel" style={{ padding: 16 }}>
      <Title order={2}>Test</Title>
      <Text c="dimmed" mb="sm">Sends a sample to the live endpoint, marked with X-Hookswitch-Test.</Text>
      <Group align="flex-end" gap="sm">
        <Select aria-label="Event to send" data={events.map((event) => ({ value: event.type, label: event.title }))} value={type} onChange={(value) => setType(value ?? type)} allowDeselect={false} w={260} />
        <Button leftSection={<IconSend size={15} />} onClick={() => void send()} loading={busy} disabled={!isKnown || !allowed}>Send test event</Button>
        {!isLive && <Text c="dimmed" fz="xs">Apply the configuration first</Text>}
      </Group>
      {error !== null && <Stack mt="sm"><ErrorState error={error} /></Stack>}
      {trial && (
        <Stack gap="sm" mt="md" data-testid="trial">
          <Alert color={trial.error ? "red" : "green"} variant="light" title={trial.error ? `Failed: ${trial.error.replaceAll("_", " ")}` : `Accepted with ${trial.status} after ${trial.duration_ms} ms`}>
            {trial.detail}
          </Alert>
          <Text fw={600} fz="sm">Request</Text>
          <Code label="request" text={requestText(trial)} />
          <Text fw={600} fz="sm">Answer</Text>
          <Code label="answer" text={answerText(trial)} />
        </Stack>
      )}
    </div>
  );
}

const headerLines = (headers: Record<string, string> = {}) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n");

function requestText({ request }: Trial): string {
  const body = typeof request.body === "string" ? request.body : JSON.stringify(request.body, null, 2);
  return `${request.method ?? "POST"} ${request.url ?? ""}\n${headerLines(request.headers)}\n\n${body}`;
}

function answerText(trial: Trial): string {
  if (trial.status === null) return "No answer";
  return `HTTP ${trial.status}\n${headerLines(trial.headers)}\n\n${trial.response}`;
}
