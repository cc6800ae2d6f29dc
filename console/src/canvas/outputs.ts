import type { FlowObject, ObjectKind } from "../api/types";
import { labelOf } from "../forms/schema";
import { faceOf } from "../nodes";

export type Output = { name: string; title: string };

/** An object's outputs: of its kind, of its settings, and any that are connected all the same. */
export function outputsOf(object: FlowObject, kind: ObjectKind | undefined): Output[] {
  const own = kind?.outputs ?? [];
  const more = [...(faceOf(object.kind).outputs?.(object) ?? []), ...Object.keys(object.outputs ?? {})];
  const known = new Set(own.map((output) => output.name));
  const added = [...new Set(more)].filter((name) => !known.has(name));
  return [...own, ...added.map((name) => ({ name, title: labelOf(name) }))];
}
