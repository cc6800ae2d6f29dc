import { Group, Select, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/types";
import type { Common } from "./Field";
import type { Hint } from "./hints";
import { labelOf } from "./schema";

type Props = { common: Common; schema: Schema; value: Record<string, string>; change: (value: unknown) => void; hint: Hint };

/** One choice for each of a closed set of names; a name without one is as usual. */
export function ChoicesField({ common, schema, value, change, hint }: Props) {
  const names = (schema.propertyNames?.enum ?? []).map(String);
  const choices = typeof schema.additionalProperties === "object" ? (schema.additionalProperties.enum ?? []) : [];
  const data = choices.map((choice) => ({ value: String(choice), label: hint.words?.[String(choice)] ?? labelOf(String(choice)) }));
  const set = (name: string, choice: string | null) => {
    const others = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name));
    change(choice === null ? others : { ...others, [name]: choice });
  };
  return (
    <Stack gap={6}>
      <div>
        <Text fw={500} fz="sm">{common.label}</Text>
        {common.description && <Text c="dimmed" fz="xs">{common.description}</Text>}
      </div>
      <div className="choices">
        {names.map((name) => (
          <Group key={name} gap="xs" wrap="nowrap" justify="space-between">
            <Text className="mono">{name}</Text>
            <Select size="xs" w={168} aria-label={`${common.label}: ${name}`} data={data} value={value[name] ?? null} onChange={(choice) => set(name, choice)} clearable placeholder={hint.placeholder ?? "As usual"} />
          </Group>
        ))}
      </div>
      {common.error && <Text c="red" fz="xs">{common.error}</Text>}
    </Stack>
  );
}
