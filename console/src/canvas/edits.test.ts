import { expect, test } from "vitest";
import type { Doc, ObjectKind } from "../api/types";
import { addObject, connect, freeId, paste, removeObjects } from "./edits";
import { arrange } from "./layout";

const QUEUE: ObjectKind = {
  kind: "queue", title: "Queue", group: "Basic", description: "", outputs: [{ name: "timeout", title: "Timeout" }],
  schema: { required: ["id", "kind", "name", "members"], properties: { members: { type: "array" }, max_wait: { type: "integer", default: 300 } } },
};

const drawing = (): Doc => ({
  hookswitch: 1,
  flows: [{ name: "Main", objects: [
    { id: "in", kind: "number", name: "In", numbers: ["61300000000"], outputs: { next: "queue" }, position: [0, 0] },
    { id: "queue", kind: "queue", name: "Queue", members: [], outputs: { timeout: "in" }, position: [300, 0] },
  ] }],
});

test("an object is added with what its schema requires, under an id of its own", () => {
  const document = drawing();
  const id = addObject(document, 0, QUEUE, [13, 27]);
  expect(id).toBe("queue_2");
  expect(document.flows?.[0]?.objects.at(-1)).toEqual({ id: "queue_2", kind: "queue", name: "Queue 2", members: [], position: [16, 24] });
});

test("the first object makes the flow", () => {
  const document: Doc = { hookswitch: 1 };
  addObject(document, 0, QUEUE, [0, 0]);
  expect(document.flows?.map((flow) => flow.name)).toEqual(["Main"]);
});

test("removing an object removes the edges into it", () => {
  const document = drawing();
  removeObjects(document, 0, ["queue"]);
  expect(document.flows?.[0]?.objects).toEqual([expect.objectContaining({ id: "in", outputs: {} })]);
});

test("copies keep the edges among themselves, and no number enters twice", () => {
  const document = drawing();
  const made = paste(document, 0, structuredClone(document.flows![0]!.objects));
  const [number, queue] = document.flows![0]!.objects.slice(2);
  expect(made).toEqual(["number", "queue_2"]);
  expect(number).toMatchObject({ numbers: [], outputs: { next: "queue_2" }, position: [40, 40] });
  expect(queue).toMatchObject({ outputs: { timeout: "number" } });
});

test("an edge to what was not copied is not in the copy", () => {
  const document = drawing();
  paste(document, 0, [structuredClone(document.flows![0]!.objects[1]!)]);
  expect(document.flows![0]!.objects[2]?.outputs).toEqual({});
});

test("an output has one edge", () => {
  const document = drawing();
  addObject(document, 0, QUEUE, [0, 0]);
  connect(document, 0, "in", "next", "queue_2");
  expect(document.flows![0]!.objects[0]?.outputs).toEqual({ next: "queue_2" });
});

test("ids are made of what the document allows", () => {
  expect(freeId(drawing(), "1 Büro & Co")).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
});

test("a layout goes from left to right and covers nothing", () => {
  const places = arrange(drawing().flows![0]!.objects, () => 1);
  expect(places.queue![0]).toBeGreaterThan(places.in![0] + 216);
});
