import { useEffect, useRef } from "react";
import { useLiveEvents } from "../../api/live";
import type { Doc, FlowObject } from "../../api/types";
import { useCanvas } from "../../canvas/view";
import { useDraft } from "../../draft/store";

type Told = { call?: string; object?: string | null; user?: string; state?: string; dest_number?: string };
type Snapshot = { calls?: { id: string; dest_number?: string }[] };

/** Real calls light the object they are in; a call is in one object at a time. */
export function useLitObjects(): void {
  const where = useRef(new Map<string, string>());
  const put = (call: string, object: string | undefined) => {
    if (object) where.current.set(call, object);
  };
  useLiveEvents(["snapshot", "call", "leg", "object"], (type, data) => {
    const document = useDraft.getState().document;
    if (!document) return;
    if (type === "snapshot") {
      where.current.clear();
      for (const call of (data as Snapshot).calls ?? []) put(call.id, entryOf(document, call.dest_number));
    } else {
      const told = data as Told;
      const call = told.call ?? "";
      if (type === "object" && !told.object) where.current.delete(call);
      else if (type === "object") put(call, told.object ?? undefined);
      else if (type === "leg" && told.state !== "ended") put(call, ringing(document, told.user, where.current.get(call)));
      else if (type === "call" && told.state === "ended") where.current.delete(call);
      else if (type === "call") put(call, entryOf(document, told.dest_number));
    }
    const lit: Record<string, number> = {};
    for (const object of where.current.values()) lit[object] = (lit[object] ?? 0) + 1;
    useCanvas.setState({ lit });
  });
  useEffect(() => () => useCanvas.setState({ lit: {} }), []);
}

const objectsOf = (document: Doc): FlowObject[] => (document.flows ?? []).flatMap((flow) => flow.objects);
const bare = (number: unknown) => String(number ?? "").replace(/[^0-9]/g, "");

function entryOf(document: Doc, number: string | undefined): string | undefined {
  const enters = (object: FlowObject) => object.kind === "number" && ((object.numbers as string[] | undefined) ?? []).some((one) => bare(one) === bare(number));
  return objectsOf(document).find(enters)?.id;
}

/** The object through which this user is rung: the first one downstream that names them. */
function ringing(document: Doc, extension: string | undefined, from: string | undefined): string | undefined {
  const objects = new Map(objectsOf(document).map((object) => [object.id, object]));
  const seen = new Set<string>();
  const queue = from ? [from] : [];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const object = objects.get(id);
    if (!object || seen.has(id)) continue;
    seen.add(id);
    if (rings(object, extension)) return id;
    queue.push(...Object.values(object.outputs ?? {}));
  }
  return undefined;
}

function rings(object: FlowObject, extension: string | undefined): boolean {
  if (object.kind === "user") return object.user === extension;
  const members = (object.members as (string | { user?: string })[] | undefined) ?? [];
  return members.some((member) => (typeof member === "string" ? member : member.user) === extension);
}
