import { Button, FileInput, Group, Loader, Progress, Stack, Text } from "@mantine/core";
import { IconFileZip } from "@tabler/icons-react";
import { useState } from "react";
import { useAuth } from "../../api/auth";
import { post } from "../../api/client";
import type { Backup, Restoring } from "../../api/types";
import { ErrorState } from "../../shared/States";
import { Time } from "../../shared/Time";
import { send, startedAgain } from "./restoring";
import { Dialog } from "../../shared/Dialog";

type Props = {
  /** One that the server has; without it a file is asked for. */
  kept?: string | undefined;
  /** The one-time code, where there is no administrator yet. */
  code?: string | undefined;
  close: () => void;
};

/** A backup in the place of everything that is here. */
export function RestoreDialog({ kept, code, close }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [share, setShare] = useState<number | null>(null);
  const [found, setFound] = useState<Restoring | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const bring = async (): Promise<Restoring> => {
    if (code !== undefined && file) return send<Restoring>("/api/setup/restore", file, { "X-Setup-Code": code.trim() }, setShare);
    const csrf = { "X-CSRF-Token": useAuth.getState().csrf };
    const name = kept ?? (file && (await send<Backup>("/api/backups/upload", file, csrf, setShare)).name) ?? "";
    return post<Restoring>(`/api/backups/${encodeURIComponent(name)}/restore`);
  };
  const restore = async () => {
    setBusy(true);
    setError(null);
    try {
      setFound(await bring());
      await startedAgain();
      window.location.assign("/");
    } catch (problem) {
      setError(problem);
      setBusy(false);
      setShare(null);
    }
  };
  const isEmpty = code !== undefined;
  return (
    <Dialog onClose={close} busy={busy} title="Restore a backup">
      <Stack gap="sm">
        {error !== null && <ErrorState error={error} />}
        {found ? (
          <Group gap="sm" role="status" wrap="nowrap">
            <Loader size="sm" />
            <Text>What was kept at <Time at={found.made_at} /> is put in place. The server starts again; this page goes on by itself.</Text>
          </Group>
        ) : (
          <>
            <Text>{isEmpty ? "Configuration, accounts, calls and secrets come from the backup. Sign in afterwards with an account that was in it." : "Configuration, accounts, calls and secrets are replaced by those of the backup. Calls in progress end. What is here now is kept beside it, in the folder before-restore."}</Text>
            {kept ? <Text className="mono">{kept}</Text> : (
              <FileInput label="Backup" placeholder="hookswitch-….tar.gz" accept=".gz,application/gzip" value={file} onChange={setFile} leftSection={<IconFileZip size={16} />} clearable disabled={busy} />
            )}
            {share !== null && <Progress.Root size="lg"><Progress.Section value={share * 100} aria-label="Uploaded"><Progress.Label>{share < 1 ? `${Math.floor(share * 100)} %` : "Checking"}</Progress.Label></Progress.Section></Progress.Root>}
            <Group justify="flex-end">
              <Button variant="default" onClick={close} disabled={busy}>Cancel</Button>
              <Button color={isEmpty ? "ink" : "red.9"} autoContrast={false} onClick={() => void restore()} loading={busy} disabled={!kept && !file}>{isEmpty ? "Restore" : "Replace everything"}</Button>
            </Group>
          </>
        )}
      </Stack>
    </Dialog>
  );
}
