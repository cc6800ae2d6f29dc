import { Alert, Button, Group, Text } from "@mantine/core";
import { useEffect } from "react";
import { useAuth } from "../api/auth";
import { explain } from "../api/problem";
import { flush, loadDraft, look, overwrite, retry, takeTheirs, useDraft } from "./store";
import { Dialog } from "../shared/Dialog";
import { ErrorState } from "../shared/States";
import { useDeed } from "../shared/useDeed";

const LOOK_MS = 8000;

/** Loads the draft, looks for others' changes, and tells when ours cannot be saved. */
export function DraftKeeper() {
  const saving = useDraft((state) => state.saving);
  const error = useDraft((state) => state.error);
  const lost = useAuth((state) => state.lost);
  useEffect(() => {
    void loadDraft();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void look();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (!lost) retry();
  }, [lost]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      flush();
      if (!["saved", "loading"].includes(useDraft.getState().saving)) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    const hidden = () => document.visibilityState === "hidden" && flush();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, []);
  if (saving === "conflict") return <ConflictDialog error={error} />;
  return (
    <div role="status" aria-live="polite">
      {saving === "failed" && !lost && (
        <Alert color="orange" variant="light" radius={0} py={6} title={`Not saved yet: ${explain(error).title}`}>
          {explain(error).detail} What you typed is kept here and saved as soon as it can be.
        </Alert>
      )}
    </div>
  );
}

function ConflictDialog({ error }: { error: unknown }) {
  const deed = useDeed();
  return (
    <Dialog onClose={() => undefined} withCloseButton={false} title="Somebody else changed the draft">
      {deed.error !== null && <ErrorState error={deed.error} />}
      <Text mb="xs">{explain(error).detail}</Text>
      <Text c="dimmed" mb="lg">
        Your changes are not saved yet. Keep yours (it replaces theirs), or take theirs (yours stay one undo away).
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => void deed.run(takeTheirs)} disabled={deed.busy}>Take theirs</Button>
        <Button onClick={() => void deed.run(overwrite)} loading={deed.busy}>Keep mine</Button>
      </Group>
    </Dialog>
  );
}
