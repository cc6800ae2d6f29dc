import { MultiSelect, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Schema } from "../api/types";
import { useFormPlace } from "./context";
import { ChoicesField } from "./ChoicesField";
import { HeadersField } from "./HeadersField";
import type { Hint } from "./hints";
import { ListField } from "./ListField";
import { ReferenceField } from "./ReferenceField";
import { findingsAt, isSecret, labelOf } from "./schema";
import { SecretField } from "./SecretField";
import { SchemaForm } from "./SchemaForm";

export type FieldProps = {
  name: string;
  schema: Schema & { nullable?: boolean };
  root: Schema;
  value: unknown;
  required: boolean;
  change: (value: unknown) => void;
  hint: Hint;
  path: (string | number)[];
};

export type Common = { label: string; description?: ReactNode; error?: ReactNode; required: boolean; placeholder?: string };

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** One input, chosen by the field's schema and its hint. */
export function Field(props: FieldProps) {
  const { name, schema, root, value, change, hint, path } = props;
  const common = useCommon(props);
  const shown = value ?? schema.default;
  if (hint.input === "secret_token" || hint.input === "signing_secret" || isSecret(schema)) {
    return <SecretField common={common} value={value} change={change} kind={hint.input ?? "password"} path={path} />;
  }
  if (hint.input && ["user", "users", "numbers", "called", "prompt", "mailbox", "trunk", "trunks", "queues", "timezone"].includes(hint.input)) {
    return <ReferenceField common={common} input={hint.input} value={shown} change={change} optional={schema.nullable || !props.required} />;
  }
  if (hint.input === "weekdays" || hint.input === "months") {
    const data = (hint.input === "weekdays" ? DAYS : MONTHS).map((day) => ({ value: day, label: labelOf(day) }));
    const own = ((shown as string[]) ?? []).filter((entry) => !data.some((known) => known.value === entry));
    return <MultiSelect {...common} data={[...data, ...own]} value={(shown as string[]) ?? []} onChange={change} clearable />;
  }
  if (schema.enum) {
    const data = schema.enum.map((option) => ({ value: String(option), label: wordOf(option, hint) }));
    return (
      <Select {...common} data={data} value={shown === undefined ? null : String(shown)} allowDeselect={false} clearable={schema.nullable ?? false}
        onChange={(next) => change(next === null ? null : schema.enum?.find((option) => String(option) === next))} />
    );
  }
  switch (schema.type) {
    case "boolean":
      return <Switch label={common.label} description={common.description} error={common.error} checked={Boolean(shown)} onChange={(e) => change(e.currentTarget.checked)} />;
    case "integer":
    case "number":
      return (
        <NumberInput {...common} value={(shown as number) ?? ""} min={schema.minimum} max={schema.maximum} clampBehavior="none" allowDecimal={schema.type === "number"}
          onChange={(next) => change(next === "" ? (schema.nullable ? null : undefined) : next)} {...(hint.unit && { rightSection: <span style={{ fontSize: 12, color: "var(--mantine-color-dimmed)" }}>{hint.unit}</span>, rightSectionWidth: 64, rightSectionPointerEvents: "none" as const })} />
      );
    case "array": {
      const items = schema.items ?? {};
      if (items.$ref || items.properties) return <ListField {...props} common={common} items={items} />;
      return <TagsInput {...common} value={((shown as string[]) ?? []).map(String)} onChange={(next) => change(items.type === "integer" ? next.map(Number) : next)} splitChars={[",", ";", "\n"]} acceptValueOnBlur placeholder={common.placeholder ?? "Type and press Enter"} {...(items.enum && { data: items.enum.map(String) })} />;
    }
    case "object":
      if (schema.properties) {
        if (schema.nullable && !value) {
          return <Switch label={common.label} description={common.description} error={common.error} checked={false} onChange={() => change({})} />;
        }
        const own = (value as Record<string, unknown>) ?? {};
        return (
          <fieldset style={{ border: "1px solid var(--hs-line)", borderRadius: 6, padding: 12, margin: 0 }}>
            <legend style={{ fontWeight: 500, padding: "0 4px" }}>{common.label}</legend>
            {schema.nullable && <Switch label="On" checked mb="sm" onChange={() => change(null)} />}
            <SchemaForm schema={schema} root={root} value={own} change={(key, next) => change({ ...own, [key]: next })} hints={hint.fields ?? {}} path={path} />
          </fieldset>
        );
      }
      if (schema.propertyNames?.enum) return <ChoicesField common={common} schema={schema} value={(value as Record<string, string>) ?? {}} change={change} hint={hint} />;
      return <HeadersField common={common} value={(value as Record<string, string>) ?? {}} change={change} />;
    default: {
      const text = shown === null || shown === undefined ? "" : String(shown);
      const set = (next: string) => change(next === "" && (schema.nullable || !props.required) ? (schema.nullable ? null : schema.default === "" ? "" : undefined) : next);
      return hint.input === "textarea" || name === "notes" ? (
        <Textarea {...common} value={text} onChange={(e) => set(e.target.value)} autosize minRows={2} maxRows={8} />
      ) : (
        <TextInput {...common} value={text} onChange={(e) => set(e.target.value)} {...(hint.input === "phone" && { inputMode: "tel" as const })} />
      );
    }
  }
}

function useCommon({ name, required, hint, path, schema }: FieldProps): Common {
  const { findings, loc } = useFormPlace();
  const isList = schema.type === "array" || schema.type === "object";
  const [own] = findingsAt(findings, [...loc, ...path], isList && Boolean(schema.items?.$ref));
  return {
    label: hint.label ?? labelOf(name),
    required,
    ...(hint.help && { description: hint.help }),
    ...(hint.placeholder && { placeholder: hint.placeholder }),
    ...(own && { error: `${labelOf(own.message)}: ${own.mend}` }),
  };
}

const wordOf = (option: unknown, hint: Hint) => hint.words?.[String(option)] ?? (option === "" ? "None" : labelOf(String(option)));
