import { Button, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask } from "../../api/client";
import type { Draft } from "../../api/types";
import { replaceBy, saved, useDraft } from "../../draft/store";
import { Code } from "../../shared/Copy";
import { ErrorState, Loaded } from "../../shared/States";
import { Dialog } from "../../shared/Dialog";

/** The whole configuration as YAML, out and in; secrets stay where they are. */
export function ExchangeDialog({ mode, close }: { mode: "import" | "export"; close: () => void }) {
  const [busy, setBusy] = useState(false);
  return (
    <Dialog onClose={close} busy={busy} size="xl" title={mode === "import" ? "Import YAML" : "Export YAML"}>
      {mode === "import" ? <Import busy={busy} setBusy={setBusy} close={close} /> : <Export />}
    </Dialog>
  );
}

function Export() {
  const text = useQuery({
    queryKey: ["draft", "text", useDraft((state) => state.etag)],
    queryFn: async () => {
      await saved();
      return (await ask<string>("GET", "/api/draft/text")).data;
    },
  });
  return (
    <Loaded query={text}>
      {(yaml) => (
        <Stack gap="sm">
          <Text c="dimmed">The draft, with its comments. Secrets are left out: importing it again keeps them.</Text>
          <Code text={yaml} label="YAML" />
          <Group justify="flex-end">
            <Button component="a" href={`data:application/yaml;charset=utf-8,${encodeURIComponent(yaml)}`} download="hookswitch.yaml">Download</Button>
          </Group>
        </Stack>
      )}
    </Loaded>
  );
}

/** A longer text is sent without being shown: an input of megabytes stands still. */
const MOST_SHOWN = 200_000;
const megabytes = (length: number) => `${(length / 1_000_000).toFixed(1)} MB`;

function Import({ busy, setBusy, close }: { busy: boolean; setBusy: (busy: boolean) => void; close: () => void }) {
  const [text, setText] = useState("");
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    const found = await chosen.text();
    if (found.length > MOST_SHOWN) setFile({ name: chosen.name, text: found });
    else setText(found);
  };
  const take = async () => {
    setBusy(true);
    try {
      await replaceBy((headers) => ask<Draft>("PUT", "/api/draft/text", { text: file?.text ?? text, headers }));
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Stack gap="sm">
      <Text c="dimmed">It replaces the draft as a whole; nothing is live before you apply it. Secrets that it leaves out are kept.</Text>
      {error !== null && <ErrorState error={error} />}
      {file ? (
        <Group gap="xs"><Text className="mono">{file.name}</Text><Text c="dimmed" fz="xs">{megabytes(file.text.length)}: not shown here</Text><Button size="compact-xs" variant="subtle" onClick={() => setFile(null)}>Take it away</Button></Group>
      ) : <Textarea label="YAML" value={text} onChange={(e) => setText(e.target.value)} minRows={12} maxRows={24} autosize styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }} data-autofocus />}
      <Group justify="space-between">
        <FileButton accept=".yaml,.yml,.json" onChange={(chosen) => void choose(chosen)}>
          {(props) => <Button {...props} variant="default">Choose a file</Button>}
        </FileButton>
        <Button onClick={() => void take()} disabled={!file && !text.trim()} loading={busy}>Import into the draft</Button>
      </Group>
    </Stack>
  );
}
