import { Alert, List, Text, Title } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useDocumentSchema } from "../../api/catalogue";
import type { Storage } from "../../api/types";
import { edit, useDraft } from "../../draft/store";
import { Editable } from "../../forms/Editable";
import { FormPlace } from "../../forms/context";
import type { Hint, Hints } from "../../forms/hints";
import { resolve } from "../../forms/schema";
import { SchemaForm } from "../../forms/SchemaForm";
import { Loaded } from "../../shared/States";
import { deleted, otherwise, type Retention } from "./retention";

const SECTION = "retention";

/** For how long what was is kept: part of the configuration, so it holds from Apply on. */
export function RetentionForm({ state }: { state: Storage }) {
  const schema = useDocumentSchema();
  const own = (useDraft((draft) => draft.document?.[SECTION]) as Retention | undefined) ?? {};
  const findings = useDraft((draft) => draft.findings);
  const [now] = useState(() => new Date());
  const going = deleted(own, state, now);
  const change = (name: string, value: unknown) =>
    edit((document) => {
      const next = { ...((document[SECTION] as Record<string, unknown> | undefined) ?? {}) };
      if (value === null || value === undefined) delete next[name];
      else next[name] = value;
      document[SECTION] = next;
    }, `${SECTION}.${name}`);
  return (
    <section className="panel" style={{ padding: 16 }}>
      <Title order={2}>Retention</Title>
      <Text c="dimmed" fz="sm" mb="md">
        What is older is deleted for good: within the hour after Apply, and then every hour. What still waits to be delivered or mailed is kept, and so is a call as long as a link to its audio is alive. 0 keeps it for good.
      </Text>
      <FormPlace value={{ findings, loc: [SECTION], owner: SECTION }}>
        <Loaded query={schema}>
          {(root) => <Editable><SchemaForm schema={resolve(root.properties?.[SECTION] ?? {}, root)} root={root} value={own} change={change} hints={hintsOf(state)} /></Editable>}
        </Loaded>
      </FormPlace>
      {going.length > 0 && (
        <Alert color="orange" variant="light" mt="md" icon={<IconTrash size={18} />} title="Applied, this deletes" data-testid="deletes">
          <List size="sm">{going.map((text) => <List.Item key={text}>{text}</List.Item>)}</List>
        </Alert>
      )}
    </section>
  );
}

function hintsOf(state: Storage): Hints {
  const usual = otherwise(state);
  const days = (label: string, help: string, value: number): Hint => ({ label, help, unit: "days", placeholder: value ? `${value}, as the server's settings say` : "For good, as the server's settings say" });
  return {
    history_days: days("Calls", "With their events and deliveries, from the end of the call on", usual.history_days),
    deliveries_days: { label: "Deliveries", help: "What was sent and answered, with every attempt; the call and its events stay", unit: "days", placeholder: "As long as their calls" },
    recordings_days: days("Recordings", "The audio; the call stays", usual.recordings_days),
    voicemail_days: days("Voicemail", "What links and the console play; a phone's mailbox keeps it until it is deleted there", usual.voicemail_days),
    audio_mb: { label: "Room for audio", help: "Recordings and voicemail together; beyond it the oldest go first", unit: "MB", placeholder: `${usual.audio_mb}, as the server's settings say` },
  };
}
