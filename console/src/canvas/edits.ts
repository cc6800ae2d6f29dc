/** Changes of a flow, on a copy of the document. */
import type { Doc, Flow, FlowObject, ObjectKind } from "../api/types";
import { startOf } from "../forms/schema";
import { faceOf } from "../nodes";
import { snap } from "./layout";

export type Clip = FlowObject[];

export function flowAt(document: Doc, index: number): Flow {
  document.flows ??= [];
  while (document.flows.length <= index) document.flows.push({ name: freeName(document, "Main"), objects: [] });
  return document.flows[index]!;
}

export function freeName(document: Doc, wanted: string): string {
  const taken = new Set((document.flows ?? []).map((flow) => flow.name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!taken.has(name)) return name;
  }
}

/** An id that no object of the document has: ids are unique in all flows. */
export function freeId(document: Doc, wanted: string): string {
  const taken = new Set((document.flows ?? []).flatMap((flow) => flow.objects.map((object) => object.id)));
  const base = wanted.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 34) || "object";
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}_${number}`;
    if (!taken.has(id)) return id;
  }
}

export function addObject(document: Doc, index: number, kind: ObjectKind, at: [number, number]): string {
  const flow = flowAt(document, index);
  const id = freeId(document, kind.kind);
  const number = Number(/_(\d+)$/.exec(id)?.[1] ?? 1);
  const start = startOf(kind.schema, kind.schema);
  const object: FlowObject = {
    ...start,
    ...faceOf(kind.kind).start?.(document),
    id,
    kind: kind.kind,
    name: number > 1 ? `${kind.title} ${number}` : kind.title,
    position: [snap(at[0]), snap(at[1])],
  };
  flow.objects.push(object);
  return id;
}

export function connect(document: Doc, index: number, source: string, output: string, target: string): void {
  const object = find(document, index, source);
  if (object) object.outputs = { ...object.outputs, [output]: target };
}

export function disconnect(document: Doc, index: number, source: string, output: string): void {
  const object = find(document, index, source);
  if (object?.outputs) delete object.outputs[output];
}

export function removeObjects(document: Doc, index: number, ids: string[]): void {
  const flow = flowAt(document, index);
  const gone = new Set(ids);
  flow.objects = flow.objects.filter((object) => !gone.has(object.id));
  for (const object of flow.objects) {
    for (const [name, target] of Object.entries(object.outputs ?? {})) {
      if (gone.has(target)) delete object.outputs?.[name];
    }
  }
}

/** Paste copies beside their originals; edges among them are kept, others are not. */
export function paste(document: Doc, index: number, clip: Clip): string[] {
  const flow = flowAt(document, index);
  const ids = new Map<string, string>();
  const copies = clip.map((object) => {
    const copy = structuredClone(object);
    copy.id = freeId(document, object.kind);
    ids.set(object.id, copy.id);
    const [x, y] = object.position ?? [0, 0];
    copy.position = [x + 40, y + 40];
    if (copy.kind === "number") copy.numbers = [];
    flow.objects.push(copy);
    return copy;
  });
  for (const copy of copies) {
    const kept = Object.entries(copy.outputs ?? {}).flatMap(([name, target]) => {
      const own = ids.get(target);
      return own ? [[name, own] as const] : [];
    });
    copy.outputs = Object.fromEntries(kept);
  }
  return copies.map((copy) => copy.id);
}

export function find(document: Doc, index: number, id: string): FlowObject | undefined {
  return document.flows?.[index]?.objects.find((object) => object.id === id);
}
