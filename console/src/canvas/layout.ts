/** Where objects stand that nobody has placed. */
import dagre from "@dagrejs/dagre";
import { type NodeHandle, Position } from "@xyflow/react";
import type { FlowObject } from "../api/types";

export const WIDTH = 216;
const HEAD = 66;
const ROW = 28;
const GRID = 8;

export const heightOf = (outputs: number) => HEAD + outputs * ROW + (outputs ? 8 : 0);

/** Where a card has its handles, of 11 pixels: in the middle of its left edge's top, and of each output's row. */
export const handlesOf = (outputs: string[], isEntry: boolean): NodeHandle[] => [
  ...(isEntry ? [] : [{ id: "in", type: "target" as const, position: Position.Left, ...at(-HALF, 24) }]),
  ...outputs.map((id, row) => ({ id, type: "source" as const, position: Position.Right, ...at(WIDTH - 1 - HALF, FIRST_ROW + row * ROW) })),
];

const HANDLE = 11;
/** The middle of the first output's. */
const FIRST_ROW = 89;
const HALF = HANDLE / 2;
const at = (x: number, middle: number) => ({ x, y: middle - HALF, width: HANDLE, height: HANDLE });

export type Places = Record<string, [number, number]>;

/** Left to right along the edges. */
export function arrange(objects: FlowObject[], outputs: (object: FlowObject) => number): Places {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: 84, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(objects.map((object) => object.id));
  for (const object of objects) graph.setNode(object.id, { width: WIDTH, height: heightOf(outputs(object)) });
  for (const object of objects) {
    for (const target of Object.values(object.outputs ?? {})) {
      if (known.has(target) && target !== object.id) graph.setEdge(object.id, target);
    }
  }
  dagre.layout(graph);
  return Object.fromEntries(
    objects.map((object) => {
      const { x, y } = graph.node(object.id) as { x: number; y: number };
      return [object.id, [snap(x - WIDTH / 2), snap(y - heightOf(outputs(object)) / 2)]];
    }),
  );
}

export const snap = (value: number) => Math.round(value / GRID) * GRID;

/** Positions of all: their own, or where `arrange` puts them. */
export function placesOf(objects: FlowObject[], outputs: (object: FlowObject) => number): Places {
  if (objects.every((object) => object.position)) {
    return Object.fromEntries(objects.map((object) => [object.id, object.position!]));
  }
  const arranged = arrange(objects, outputs);
  return Object.fromEntries(objects.map((object) => [object.id, object.position ?? arranged[object.id] ?? [0, 0]]));
}
