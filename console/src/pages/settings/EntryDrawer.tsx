import { ActionIcon, Alert, Button, Group, Text } from "@mantine/core";
import { IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useDocumentSchema } from "../../api/catalogue";
import type { Doc } from "../../api/types";
import { edit, useDraft } from "../../draft/store";
import { identityOf } from "../../draft/identity";
import { sentence } from "../../draft/FindingList";
import { Editable } from "../../forms/Editable";
import { FormPlace } from "../../forms/context";
import type { Hints } from "../../forms/hints";
import { findingsAt, resolve } from "../../forms/schema";
import { SchemaForm } from "../../forms/SchemaForm";
import { Loaded } from "../../shared/States";
import { onEscape } from "../../shared/keys";

type Entry = Record<string, unknown>;

/** One entry of a list in the document, such as a user or a trunk, as a form at the side. */
export function EntryDrawer({ section, index, hints, close }: { section: string; index: number; hints: Hints; close: () => void }) {
  const schema = useDocumentSchema();
  const findings = useDraft((state) => state.findings);
  const entry = useDraft((state) => (state.document?.[section] as Entry[] | undefined)?.[index]);
  const panel = useRef<HTMLElement>(null);
  const isThere = entry !== undefined && schema.data !== undefined;
  useEffect(() => {
    if (isThere) panel.current?.querySelector<HTMLElement>("input")?.focus();
  }, [index, isThere]);
  if (!entry) return null;
  const change = (name: string, value: unknown) =>
    edit((document) => {
      const own = (document[section] as Entry[])[index];
      if (!own) return;
      if (value === undefined) delete own[name];
      else own[name] = value;
    }, `${section}-${index}.${name}`);
  const title = String(entry.name ?? identityOf(section, entry) ?? "");
  const [whole] = findingsAt(findings, [section, index], true);
  return (
    <aside ref={panel} className="drawer" style={{ position: "fixed", top: 52 }} aria-label={`Settings of ${title}`} onKeyDown={onEscape(close)}>
      <div className="drawer-head">
        <Text fw={600} flex={1} truncate>{title || "New"}</Text>
        <ActionIcon aria-label="Close settings" onClick={close}><IconX size={18} /></ActionIcon>
      </div>
      <div className="drawer-body"><Editable>
        {whole && <Alert color="red" variant="light" p="xs" mb="sm">{sentence(whole.message)} {sentence(whole.mend)}</Alert>}
        <FormPlace value={{ findings, loc: [section, index], owner: `${section}/${String(identityOf(section, entry) ?? "")}` }}>
          <Loaded query={schema}>
            {(root) => <SchemaForm schema={resolve(root.properties?.[section]?.items ?? {}, root)} root={root} value={entry} change={change} hints={hints} />}
          </Loaded>
        </FormPlace>
        <Group justify="flex-end" mt="lg">
          <Button
            variant="subtle" color="red" size="xs" leftSection={<IconTrash size={14} />}
            onClick={() => {
              close();
              edit((document) => removeAt(document, section, index));
            }}
          >
            Delete
          </Button>
        </Group>
      </Editable></div>
    </aside>
  );
}

function removeAt(document: Doc, section: string, index: number): void {
  (document[section] as Entry[]).splice(index, 1);
}
