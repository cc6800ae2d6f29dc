import { ActionIcon, Button, Group, Stack, Text } from "@mantine/core";
import { IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import type { Schema } from "../api/types";
import type { Common, FieldProps } from "./Field";
import { resolve, startOf } from "./schema";
import { SchemaForm } from "./SchemaForm";

/** A list of small objects, each with its own fields. */
export function ListField({ common, items, root, value, change, hint, path }: FieldProps & { common: Common; items: Schema }) {
  const schema = resolve(items, root);
  const entries = (Array.isArray(value) ? value : []) as Record<string, unknown>[];
  const entry = hint.entry ?? "entry";
  const replace = (index: number, key: string, next: unknown) =>
    change(entries.map((one, at) => (at === index ? { ...one, [key]: next } : one)));
  const raise = (index: number) => {
    const next = [...entries];
    const [moved] = next.splice(index, 1);
    if (moved) next.splice(index - 1, 0, moved);
    change(next);
  };
  return (
    <Stack gap={6}>
      <div>
        <Text fw={500} fz="sm">{common.label}{common.required && <span style={{ color: "var(--mantine-color-error)" }}> *</span>}</Text>
        {common.description && <Text c="dimmed" fz="xs">{common.description}</Text>}
      </div>
      {entries.map((one, index) => (
        <div key={index} style={{ border: "1px solid var(--hs-line)", borderRadius: 6, padding: "8px 10px" }}>
          <Group justify="space-between" mb={4}>
            <Text fz="xs" c="dimmed">{entry} {index + 1}</Text>
            <Group gap={2}>
              {index > 0 && <ActionIcon size="sm" aria-label={`Move ${entry} ${index + 1} up`} onClick={() => raise(index)}><IconArrowUp size={14} /></ActionIcon>}
              <ActionIcon size="sm" aria-label={`Remove ${entry} ${index + 1}`} onClick={() => change(entries.filter((_, at) => at !== index))}><IconTrash size={14} /></ActionIcon>
            </Group>
          </Group>
          <SchemaForm schema={schema} root={root} value={one} change={(key, next) => replace(index, key, next)} hints={hint.fields ?? {}} path={[...path, index]} />
        </div>
      ))}
      {common.error && <Text c="red" fz="xs">{common.error}</Text>}
      <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => change([...entries, startOf(schema, root)])} style={{ alignSelf: "flex-start" }}>
        Add {entry}
      </Button>
    </Stack>
  );
}
