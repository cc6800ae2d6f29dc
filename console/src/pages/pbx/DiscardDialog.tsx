import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { ask } from "../../api/client";
import type { Draft } from "../../api/types";
import { replaceBy, useDraft } from "../../draft/store";
import { ErrorState } from "../../shared/States";
import { Dialog } from "../../shared/Dialog";

export function DiscardDialog({ close }: { close: () => void }) {
  const [error, setError] = useState<unknown>(null);
  const changes = useDraft((state) => state.changes);
  const [busy, setBusy] = useState(false);
  const discard = async () => {
    setBusy(true);
    try {
      await replaceBy(async (headers) => {
        await ask("DELETE", "/api/draft", { headers });
        return ask<Draft>("GET", "/api/draft");
      });
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog onClose={close} busy={busy} title="Discard the draft?">
      {error !== null && <ErrorState error={error} />}
      <Text mb="lg">{changes === 1 ? "The change that is not applied is" : `The ${changes} changes that are not applied are`} taken back. What is live stays as it is.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={close} disabled={busy}>Keep the draft</Button>
        <Button color="red.9" autoContrast={false} onClick={() => void discard()} loading={busy}>Discard</Button>
      </Group>
    </Dialog>
  );
}
