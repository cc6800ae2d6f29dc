import { Accordion, Stack } from "@mantine/core";
import type { Schema } from "../api/types";
import { useAllowed } from "../api/auth";
import { Field } from "./Field";
import type { Hints } from "./hints";
import { resolve } from "./schema";

type Props = {
  schema: Schema;
  root?: Schema;
  value: Record<string, unknown>;
  change: (name: string, value: unknown) => void;
  hints?: Hints;
  skip?: string[];
  path?: (string | number)[];
};

/** A form for an object of the document, field by field from its JSON Schema. */
export function SchemaForm({ schema, root = schema, value, change, hints = {}, skip = [], path = [] }: Props) {
  const order = Object.keys(hints);
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = Object.keys(schema.properties ?? {})
    .filter((name) => !skip.includes(name) && hints[name]?.input !== "hidden")
    .filter((name) => hints[name]?.when?.(value) ?? true)
    .sort((a, b) => rank(a) - rank(b));
  const field = (name: string) => (
    <Field
      key={name}
      name={name}
      schema={resolve(schema.properties?.[name] ?? {}, root)}
      root={root}
      value={value[name]}
      required={schema.required?.includes(name) ?? false}
      change={(next) => change(name, next)}
      hint={hints[name] ?? {}}
      path={[...path, name]}
    />
  );
  const allowed = useAllowed("operator");
  const more = names.filter((name) => hints[name]?.more);
  return (
    <Stack gap="sm">
      {names.filter((name) => !more.includes(name)).map(field)}
      {more.length > 0 && (
        <Accordion defaultValue={allowed ? null : "more"} variant="default" chevronPosition="left" styles={{ label: { fontSize: "0.8125rem", fontWeight: 500, paddingBlock: 6 }, control: { paddingInline: 0 }, content: { paddingInline: 0 }, item: { borderBottom: 0 } }}>
          <Accordion.Item value="more">
            <Accordion.Control>More settings</Accordion.Control>
            <Accordion.Panel><Stack gap="sm">{more.map(field)}</Stack></Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </Stack>
  );
}
