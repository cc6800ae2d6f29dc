import { Alert, Button, Group, List, ScrollArea, Stack, Text, Textarea } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask, get } from "../api/client";
import { useLiveEvents } from "../api/live";
import type { Change, Page } from "../api/types";
import { Empty, ErrorState, Loaded } from "../shared/States";
import { ChangeList } from "./ChangeList";
import { FindingList } from "./FindingList";
import { loadDraft, saved, useDraft } from "./store";
import { Dialog } from "../shared/Dialog";

export type Applied = { revision: number; seconds?: number; changes?: number | Change[]; reloaded?: string[]; warnings?: string[] };

/** What will change, what stands against it, then the steps, then what was reloaded. */
export function ApplyDialog({ close }: { close: () => void }) {
  const [comment, setComment] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [unsaved, setUnsaved] = useState<unknown>(null);
  const [done, setDone] = useState<Applied | null>(null);
  const ready = useDraft((state) => state.saving === "saved");
  const findings = useDraft((state) => state.findings);
  const queries = useQueryClient();
  const steps = useApplySteps(busy);
  useEffect(() => {
    saved().catch(setUnsaved);
  }, []);
  const changes = useQuery({
    queryKey: ["draft", "changes", useDraft((state) => state.etag)],
    queryFn: () => get<Page<Change>>("/api/draft/changes"),
    enabled: ready && !done,
  });
  const shown = error ?? (ready ? null : unsaved);
  const blocking = findings.filter((finding) => finding.severity !== "warning");
  const apply = async () => {
    setBusy(true);
    setError(null);
    try {
      await saved();
      const etag = useDraft.getState().etag;
      const { data } = await ask<Applied>("POST", "/api/draft/apply", { body: { comment }, headers: { "If-Match": `"${etag}"` } });
      setDone(data);
      await loadDraft();
      await queries.invalidateQueries();
    } catch (problem) {
      setError(problem);
      await loadDraft();
    } finally {
      setBusy(false);
    }
  };
  if (done) return <DoneDialog done={done} close={close} />;
  return (
    <Dialog onClose={close} size="lg" title="Apply configuration" busy={busy}>
      <Stack gap="sm">
        {shown !== null && <ErrorState error={shown} />}
        {blocking.length > 0 && (
          <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title={blocking.length === 1 ? "One thing must be mended first" : `${blocking.length} things must be mended first`}>
            <FindingList findings={blocking} onGo={close} />
          </Alert>
        )}
        <ScrollArea.Autosize mah={360} type="auto">
          <Loaded query={changes}>
            {({ items }) =>
              items.length ? <ChangeList changes={items} /> : <Empty icon={IconCircleCheck} title="Nothing differs from what is live" />
            }
          </Loaded>
        </ScrollArea.Autosize>
        <Textarea label="Comment" description="Shown in the history" value={comment} onChange={(e) => setComment(e.target.value)} autosize minRows={1} maxLength={500} />
        {busy && <Text c="dimmed" role="status">{steps.at(-1) ?? "Applying…"}</Text>}
        <Group justify="space-between">
          <Text c="dimmed" fz="xs">Calls in progress finish on the flow they began with.</Text>
          <Group gap="xs">
            {/* not before the changes are seen: as they come the button moves, and a click would miss it */}
            <Button variant="default" onClick={close} disabled={busy}>Not now</Button>
            <Button color="red.9" autoContrast={false} onClick={() => void apply()} loading={busy} disabled={blocking.length > 0 || !ready || !changes.data?.items.length} data-testid="apply-confirm">
              Apply
            </Button>
          </Group>
        </Group>
      </Stack>
    </Dialog>
  );
}

function DoneDialog({ done, close }: { done: Applied; close: () => void }) {
  return (
    <Dialog onClose={close} title="Applied" withCloseButton={false}>
      <Stack gap="sm" data-testid="applied">
        <Group gap="xs" wrap="nowrap">
          <IconCircleCheck color="var(--mantine-color-green-6)" />
          <Text fw={600}>
            Revision {done.revision} is live{done.seconds !== undefined && ` after ${done.seconds.toFixed(1)} s`}.
          </Text>
        </Group>
        {!!done.reloaded?.length && (
          <>
            <Text c="dimmed">Reloaded in the engine:</Text>
            <List size="sm">{done.reloaded.map((part) => <List.Item key={part}>{part}</List.Item>)}</List>
          </>
        )}
        {done.warnings?.map((warning) => <Alert key={warning} color="yellow">{warning}</Alert>)}
        <Group justify="flex-end"><Button onClick={close} data-autofocus>Close</Button></Group>
      </Stack>
    </Dialog>
  );
}

function useApplySteps(active: boolean): string[] {
  const [steps, setSteps] = useState<string[]>([]);
  useLiveEvents(active ? ["apply"] : [], (_type, data) => {
    const step = data as { step?: string; text?: string };
    setSteps((known) => [...known, step.text ?? step.step ?? ""].filter(Boolean));
  });
  return steps;
}
