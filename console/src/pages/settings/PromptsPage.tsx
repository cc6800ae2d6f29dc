import { Button, FileButton, Group, Table } from "@mantine/core";
import { IconUpload, IconVolume } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useAllowed, useAuth } from "../../api/auth";
import { get, remove } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Prompt } from "../../api/types";
import { ConfirmButton } from "../../shared/ConfirmButton";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { seconds } from "../../shared/Time";

export function PromptsPage() {
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: () => get<Prompt[]>("/api/prompts") });
  const queries = useQueryClient();
  const allowed = useAllowed("operator");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const renew = () => queries.invalidateQueries({ queryKey: ["prompts"] });
  const upload = async (file: File | null) => {
    if (!file) return;
    setBusy(true);
    setError(null);
    try {
      await send(file);
      await renew();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  const drop = (name: string) => remove(`/api/prompts/${name}`).then(renew, setError);
  return (
    <Page
      title="Prompts" about="Audio for greetings and announcements: WAV, MP3, FLAC or Ogg."
      actions={allowed && (
        <FileButton onChange={(file) => void upload(file)} accept="audio/*">
          {(props) => <Button {...props} leftSection={<IconUpload size={15} />} loading={busy}>Upload audio</Button>}
        </FileButton>
      )}
    >
      {error !== null && <ErrorState error={error} />}
      <div className="panel table-scroll">
        <Loaded query={prompts} rows={3}>
          {(rows) => rows.length === 0 ? <Empty icon={IconVolume} title="No prompts yet">Upload a file here, or record one from a phone by its feature code. Greetings, menus, announcements and music choose among them.</Empty> : (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Length</Table.Th><Table.Th>Size</Table.Th><Table.Th /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {rows.map((prompt) => (
                  <Table.Tr key={prompt.name}>
                    <Table.Td className="mono">{prompt.name}</Table.Td>
                    <Table.Td className="num">{seconds(prompt.seconds)}</Table.Td>
                    <Table.Td className="num">{Math.ceil(prompt.bytes / 1024)} KB</Table.Td>
                    <Table.Td ta="right"><Group justify="flex-end">{allowed && <ConfirmButton size="xs" variant="subtle" color="red" question={`${prompt.name} is deleted for good. It cannot be while the live configuration plays it.`} confirm="Delete prompt" onConfirm={() => void drop(prompt.name)}>Delete</ConfirmButton>}</Group></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

async function send(file: File): Promise<void> {
  const name = file.name.replace(/\.[^.]*$/, "").toLowerCase().replace(/[^a-z0-9_-]+/g, "-").slice(0, 40);
  const response = await fetch(`/api/prompts/${name}`, { method: "PUT", body: file, headers: { "X-CSRF-Token": useAuth.getState().csrf, "Content-Type": file.type || "audio/wav" } });
  if (response.ok) return;
  const body = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Problem(response.status, body.title ?? "Not taken", body.detail ?? "");
}
