import { ActionIcon, Alert, Button, Divider, Group, Select, Stack, Text, TextInput, Textarea } from "@mantine/core";
import { IconTrash, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import type { Finding, FlowObject, ObjectKind } from "../api/types";
import { Editable } from "../forms/Editable";
import { FormPlace } from "../forms/context";
import { findingsAt } from "../forms/schema";
import { SchemaForm } from "../forms/SchemaForm";
import { edit } from "../draft/store";
import { sentence } from "../draft/FindingList";
import { faceOf } from "../nodes";
import { connect, disconnect, find, removeObjects } from "./edits";
import { outputsOf } from "./outputs";
import { useCanvas } from "./view";
import { onEscape } from "../shared/keys";

const COMMON = ["id", "kind", "name", "notes", "outputs", "position"];

type Props = { flow: number; index: number; object: FlowObject; others: FlowObject[]; kind: ObjectKind | undefined; findings: Finding[] };

/** The settings of one object, checked while they are typed. */
export function ObjectDrawer({ flow, index, object, others, kind, findings }: Props) {
  const face = faceOf(object.kind);
  const Icon = face.icon;
  const open = useCanvas((state) => state.open);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, [object.id]);
  const change = (name: string, value: unknown) =>
    edit((document) => {
      const own = find(document, flow, object.id);
      if (!own) return;
      if (value === undefined) delete own[name];
      else own[name] = value;
    }, `${object.id}.${name}`);
  const loc = ["flows", flow, "objects", index];
  const [whole] = findingsAt(findings, loc, true);
  return (
    <aside ref={panel} className="drawer" aria-label={`Settings of ${object.name}`} onKeyDown={onEscape(() => open(null))}>
      <div className={`drawer-head tone-${face.tone}`}>
        <span className="tone-mark"><Icon size={16} aria-hidden /></span>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text fw={600} truncate>{object.name}</Text>
          <Text fz="xs" c="dimmed">{kind?.title ?? object.kind}</Text>
        </div>
        <ActionIcon aria-label="Close settings" onClick={() => open(null)}><IconX size={18} /></ActionIcon>
      </div>
      <div className="drawer-body">
        <FormPlace value={{ findings, loc, owner: `objects/${object.id}` }}>
          <Editable><Stack gap="sm">
            {whole && <Alert color="red" variant="light" p="xs">{sentence(whole.message)} {sentence(whole.mend)}</Alert>}
            <TextInput data-first label={object.kind === "webhook" ? "Component name" : "Name"} value={object.name} onChange={(e) => change("name", e.target.value)} required maxLength={60} error={findingsAt(findings, [...loc, "name"])[0]?.mend} />
            {kind && <SchemaForm schema={kind.schema} value={object} change={change} hints={face.hints ?? {}} skip={COMMON} />}
            {face.Extra && <face.Extra object={object} change={change} />}
            <Outputs flow={flow} object={object} others={others} kind={kind} />
            <Textarea label="Notes" value={object.notes ?? ""} onChange={(e) => change("notes", e.target.value)} autosize minRows={2} maxLength={2000} />
            <Divider />
            <Group justify="space-between">
              <Text fz="xs" c="dimmed">Id <span className="mono">{object.id}</span></Text>
              <Button
                variant="subtle" color="red" size="xs" leftSection={<IconTrash size={14} />}
                onClick={() => {
                  open(null);
                  edit((document) => removeObjects(document, flow, [object.id]));
                }}
              >
                Delete
              </Button>
            </Group>
          </Stack></Editable>
        </FormPlace>
      </div>
    </aside>
  );
}

/** The edges as fields: all that can be drawn can be typed too. */
function Outputs({ flow, object, others, kind }: Pick<Props, "flow" | "object" | "others" | "kind">) {
  const outputs = outputsOf(object, kind);
  if (!outputs.length) return null;
  const targets = others.filter((other) => other.kind !== "number").map((other) => ({ value: other.id, label: other.name }));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <Text component="legend" fw={600} fz="sm" mb={6}>Where calls go on</Text>
      <Stack gap={6}>
        {outputs.map(({ name, title }) => (
          <Group key={name} gap="xs" wrap="nowrap">
            <Text fz="sm" w={104} style={{ flex: "none" }} id={`out-${object.id}-${name}`}>{title}</Text>
            <Select
              aria-labelledby={`out-${object.id}-${name}`} size="xs" flex={1} data={targets} value={object.outputs?.[name] ?? null} clearable searchable placeholder="Ends the call"
              onChange={(target) => edit((document) => (target ? connect(document, flow, object.id, name, target) : disconnect(document, flow, object.id, name)))}
            />
          </Group>
        ))}
      </Stack>
    </fieldset>
  );
}
