import { MultiSelect, Select, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { Doc } from "../api/types";
import { useDraft } from "../draft/store";
import { numbersOf } from "../nodes/face";
import type { Common } from "./Field";
import type { Input } from "./hints";

type Option = { value: string; label: string };
type Props = { common: Common; input: Input; value: unknown; change: (value: unknown) => void; optional: boolean };

/** A choice among what the document or the server has: users, boxes, trunks, prompts, zones. */
export function ReferenceField({ common, input, value, change, optional }: Props) {
  const { options, awaited } = useOptions(input);
  const several = ((value as string[] | undefined) ?? []) as unknown[];
  if (input === "users" || input === "trunks") {
    const own = several.map(String);
    const missing = own.filter((one) => !options.some((option) => option.value === one));
    return <MultiSelect {...common} data={[...options, ...missing]} value={own} onChange={change} searchable hidePickedOptions limit={100} placeholder={own.length ? "" : PLACEHOLDERS[input]} nothingFoundMessage={NOTHING[input]} />;
  }
  if (input === "numbers" || input === "called" || input === "queues") {
    const label = (number: string) => options.find((option) => option.value === number)?.label ?? number;
    return <TagsInput {...common} data={options.map((option) => option.value)} value={several.map(String)} onChange={change} renderOption={({ option }) => label(option.value)} splitChars={[",", ";", "\n"]} acceptValueOnBlur limit={100} placeholder={common.placeholder ?? (several.length ? "" : "Choose, or type and press Enter")} />;
  }
  const own = value === null || value === undefined || value === "" ? null : String(value);
  const known = own === null || options.some((option) => option.value === own);
  return (
    <Select {...common} data={known ? options : [...options, own]} value={own} onChange={(next) => change(next ?? (optional ? null : ""))} searchable clearable={optional} placeholder={PLACEHOLDERS[input] ?? "Choose"} nothingFoundMessage={awaited ? "Loading…" : (NOTHING[input] ?? "Nothing found")} />
  );
}

const PLACEHOLDERS: Partial<Record<Input, string>> = { user: "Choose a user", users: "Choose users, in order", trunks: "Choose trunks, in order", prompt: "Choose a prompt", mailbox: "Choose a mailbox" };
const NOTHING: Partial<Record<Input, string>> = {
  user: "No such user: add one under Users & phones",
  users: "No such user: add one under Users & phones",
  trunk: "No trunk: add one under Settings, Trunks",
  trunks: "No trunk: add one under Settings, Trunks",
  mailbox: "No mailbox: add one under Users & phones",
  prompt: "No prompt: upload one under Settings, Prompts",
};

const accountsNumbers = (document: Doc | null): Option[] =>
  ((document?.numbers as { number: string; name?: string | null }[] | undefined) ?? []).map(({ number, name }) => ({ value: number, label: name ? `${number} (${name})` : number }));

function useOptions(input: Input): { options: Option[]; awaited: boolean } {
  const document = useDraft((state) => state.document);
  const prompts = useQuery({ queryKey: ["prompts"], queryFn: () => get<unknown>("/api/prompts"), enabled: input === "prompt" });
  return { options: optionsOf(input, document, prompts.data), awaited: input === "prompt" && prompts.isPending };
}

function optionsOf(input: Input, document: Doc | null, prompts: unknown): Option[] {
  switch (input) {
    case "user":
    case "users":
      return (document?.users ?? []).map((user) => ({ value: user.extension, label: `${user.name} (${user.extension})` }));
    case "mailbox":
      return (document?.mailboxes ?? []).map((box) => ({ value: box.box, label: `${box.name} (${box.box})` }));
    case "numbers":
      return accountsNumbers(document);
    case "called": {
      const known = new Map(accountsNumbers(document).map((one) => [one.value, one]));
      for (const number of (document?.flows ?? []).flatMap(numbersOf)) if (!known.has(number)) known.set(number, { value: number, label: number });
      return [...known.values()];
    }
    case "queues": {
      const names = (document?.flows ?? []).flatMap((flow) => flow.objects.filter(({ kind }) => kind === "queue" || kind === "ring_group").map(({ name }) => name));
      return [...new Set(names)].map((name) => ({ value: name, label: name }));
    }
    case "trunk":
    case "trunks":
      return ((document?.trunks as { name: string }[] | undefined) ?? []).map(({ name }) => ({ value: name, label: name }));
    case "timezone":
      return Intl.supportedValuesOf("timeZone").map((zone) => ({ value: zone, label: zone }));
    case "prompt": {
      const data = prompts as { items?: { name: string }[] } | { name: string }[] | undefined;
      const items = Array.isArray(data) ? data : (data?.items ?? []);
      return items.map(({ name }) => ({ value: name, label: name }));
    }
    default:
      return [];
  }
}
