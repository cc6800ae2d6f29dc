import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Common } from "./Field";
import { isMasked } from "./secrets";

/** Header names and values; a masked value is kept as it is. */
export function HeadersField({ common, value, change }: { common: Common; value: Record<string, string>; change: (value: unknown) => void }) {
  const pairs = Object.entries(value);
  // a name that another has already, such as one on its way to a longer one, would take that one's place
  const [taken, setTaken] = useState<{ index: number; name: string } | null>(null);
  const set = (index: number, pair: [string, string]) => {
    const isTaken = pairs.some(([name], at) => at !== index && name === pair[0]);
    setTaken(isTaken ? { index, name: pair[0] } : null);
    if (!isTaken) change(Object.fromEntries(pairs.map((one, at) => (at === index ? pair : one))));
  };
  const drop = (index: number) => {
    setTaken(null);
    change(Object.fromEntries(pairs.filter((_, at) => at !== index)));
  };
  const fresh = () => {
    let number = 1;
    while (`X-Header-${number}` in value) number += 1;
    return `X-Header-${number}`;
  };
  return (
    <Stack gap={6}>
      <Text fw={500} fz="sm">{common.label}</Text>
      {common.description && <Text c="dimmed" fz="xs">{common.description}</Text>}
      {pairs.map(([name, text], index) => (
        <Group key={index} gap={6} wrap="nowrap">
          <TextInput aria-label="Header name" value={taken?.index === index ? taken.name : name} error={taken?.index === index && "There is one of this name"} onChange={(e) => set(index, [e.target.value, text])} style={{ flex: 1 }} />
          <TextInput aria-label={`Value of ${name}`} value={isMasked(text) ? "" : text} placeholder={isMasked(text) ? "kept as it is" : "Value"} onChange={(e) => set(index, [name, e.target.value])} style={{ flex: 1 }} />
          <ActionIcon aria-label={`Remove ${name}`} onClick={() => drop(index)}><IconTrash size={15} /></ActionIcon>
        </Group>
      ))}
      {common.error && <Text c="red" fz="xs">{common.error}</Text>}
      <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => change({ ...value, [fresh()]: "" })} style={{ alignSelf: "flex-start" }}>Add header</Button>
    </Stack>
  );
}
