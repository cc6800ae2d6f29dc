/** What the console adds to a kind of object: its looks, its line of summary, its form's words. */
import type { Icon } from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Doc, Flow, FlowObject } from "../api/types";
import type { Hints } from "../forms/hints";

/** One colour for each group of objects, the same wherever they show. */
export type Tone = "entry" | "people" | "logic" | "sound" | "hook" | "end";
export type FormProps = { object: FlowObject; change: (name: string, value: unknown) => void };

export type Face = {
  icon: Icon;
  tone: Tone;
  /** What it is set to, in one short line. */
  summary: (object: FlowObject, document: Doc) => string;
  /** Settings of a new object, over the schema's defaults. */
  start?: (document: Doc) => Partial<FlowObject>;
  hints?: Hints;
  /** Outputs that its settings give it. */
  outputs?: (object: FlowObject) => string[];
  /** Below the generated form. */
  Extra?: ComponentType<FormProps>;
};

export const userName = (document: Doc, extension: unknown) =>
  document.users?.find((user) => user.extension === extension)?.name ?? (extension ? String(extension) : "");

export const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export const numbersOf = (flow: Flow | undefined): string[] =>
  [...new Set((flow?.objects ?? []).filter(({ kind }) => kind === "number").flatMap((object) => list(object.numbers)))];

export function count(number: number, one: string, many = `${one}s`): string {
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}
