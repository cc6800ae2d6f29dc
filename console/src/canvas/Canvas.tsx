import { useMantineColorScheme } from "@mantine/core";
import {
  applyNodeChanges, Background, BackgroundVariant, type Connection, Controls, type Edge, type EdgeChange, MarkerType, MiniMap,
  type NodeChange, ReactFlow, SelectionMode, useReactFlow,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useAllowed } from "../api/auth";
import type { Finding, FlowObject, ObjectKind } from "../api/types";
import { edit } from "../draft/store";
import { findingsAt } from "../forms/schema";
import { faceOf } from "../nodes";
import { addObject, connect, disconnect, find, removeObjects } from "./edits";
import { handlesOf, heightOf, placesOf, snap, WIDTH } from "./layout";
import { type Card, ObjectCard } from "./ObjectCard";
import { outputsOf } from "./outputs";
import { DRAGGED } from "./Palette";
import { useCanvas } from "./view";

/** More than so many are drawn only where they are seen. */
const MANY = 150;
const ARROW = { type: MarkerType.ArrowClosed, width: 14, height: 14 };
const FIRST = 6;
/** Pixels that the drawer of settings covers, and what an object is away from it. */
const DRAWER = 396;
/** Pixels of a phone's width, where two objects fill the screen. */
const NARROW = 768;
const FINE: Finding[] = [];
const TYPES = { object: ObjectCard };
const TONES: Record<string, string> = { entry: "#15803d", people: "#1d63d1", logic: "#7c3aed", sound: "#b45309", hook: "#be185d", end: "#55606f" };

type Props = { flow: number; objects: FlowObject[]; kinds: Map<string, ObjectKind>; findings: Finding[] };

/** One flow as a drawing; every change goes into the draft at once. */
export function Canvas({ flow, objects, kinds, findings }: Props) {
  const { resolvedScheme } = useScheme();
  const allowed = useAllowed("operator");
  const { screenToFlowPosition, fitView, setCenter, getNode, getViewport, setViewport, setNodes: choose } = useReactFlow<Card>();
  const wanted = useCanvas((state) => state.wanted);
  const seen = useCanvas((state) => state.seen);
  const ways = useCanvas((state) => state.ways);
  const drawn = useMemo(() => cardsOf(flow, objects, kinds, findings), [flow, objects, kinds, findings]);
  const [nodes, setNodes] = useState<Card[]>(drawn);
  const surface = useRef<HTMLDivElement>(null);
  const centred = useRef<string | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const [last, setLast] = useState(drawn);
  if (last !== drawn) {
    setLast(drawn);
    setNodes(merged(nodes, drawn));
  }
  const edges = useMemo(() => edgesOf(objects, chosen, ways), [objects, chosen, ways]);

  // what is too large for the screen begins readable at its first objects, rather than whole and tiny
  const [most, first] = window.innerWidth < NARROW ? [2, 2] : [MANY, FIRST];
  const begin = useRef(objects.length > most ? { nodes: drawn.slice(0, first) } : {});
  useEffect(() => {
    void fitView({ padding: 0.15, maxZoom: 1, duration: 0, ...begin.current });
  }, [flow, fitView]);
  useEffect(() => {
    const node = wanted ? getNode(wanted) : undefined;
    if (!node) return;
    void setCenter(node.position.x + 240, node.position.y + 60, { zoom: 1, duration: 250 });
    choose((all) => all.map((one) => ({ ...one, selected: one.id === wanted })));
    centred.current = node.id;
    seen();
  }, [wanted, nodes, getNode, setCenter, choose, seen]);

  const opened = useCanvas((state) => state.opened);
  useEffect(() => {
    const node = opened && opened !== centred.current && !useCanvas.getState().wanted ? getNode(opened) : undefined;
    centred.current = null;
    const box = surface.current?.getBoundingClientRect();
    if (!node || !box) return;
    const { x, y, zoom } = getViewport();
    const over = node.position.x * zoom + x + WIDTH * zoom - (box.width - DRAWER);
    if (over > 0 && box.width > NARROW) void setViewport({ x: x - over, y, zoom }, { duration: 200 });
  }, [opened, getNode, getViewport, setViewport]);

  const moved = useCallback(
    (changes: NodeChange<Card>[]) => {
      setNodes((all) => applyNodeChanges(changes, all));
      const done = changes.flatMap((change) => (change.type === "position" && change.dragging !== true && change.position ? [change] : []));
      if (done.length) {
        edit((document) => {
          for (const { id, position } of done) {
            const object = find(document, flow, id);
            if (object && position) object.position = [snap(position.x), snap(position.y)];
          }
        }, `move-${done.map((one) => one.id).join()}`);
      }
    },
    [flow],
  );
  const chooseEdges = (changes: EdgeChange[]) => {
    for (const change of changes) {
      if (change.type === "select") setChosen((ids) => (change.selected ? [...ids, change.id] : ids.filter((id) => id !== change.id)));
    }
  };
  const link = ({ source, target, sourceHandle }: Connection) => {
    if (sourceHandle && source !== target) edit((document) => connect(document, flow, source, sourceHandle, target));
  };
  const drop = (event: React.DragEvent) => {
    const kind = kinds.get(event.dataTransfer.getData(DRAGGED));
    if (!kind) return;
    event.preventDefault();
    const at = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    edit((document) => {
      addObject(document, flow, kind, [at.x - 100, at.y - 24]);
    });
  };
  return (
    <ReactFlow<Card> ref={surface}
      nodes={nodes} edges={edges} nodeTypes={TYPES} colorMode={resolvedScheme} onNodesChange={moved} onEdgesChange={chooseEdges} onConnect={link}
      onReconnect={(old, next) =>
        edit((document) => {
          if (old.sourceHandle) disconnect(document, flow, old.source, old.sourceHandle);
          if (next.sourceHandle) connect(document, flow, next.source, next.sourceHandle, next.target);
        })
      }
      onDelete={({ nodes: gone, edges: cut }) => {
        useCanvas.getState().open(null);
        edit((document) => {
          for (const edge of cut) if (edge.sourceHandle) disconnect(document, flow, edge.source, edge.sourceHandle);
          removeObjects(document, flow, gone.map((node) => node.id));
        });
      }}
      onDrop={drop} onDragOver={(event) => event.preventDefault()} snapToGrid snapGrid={[8, 8]} onlyRenderVisibleElements={objects.length > MANY} minZoom={0.1} maxZoom={1.75} connectionRadius={28} selectionMode={SelectionMode.Partial}
      deleteKeyCode={allowed ? ["Delete", "Backspace"] : null} nodesDraggable={allowed} nodesConnectable={allowed} edgesReconnectable={allowed} multiSelectionKeyCode={["Shift", "Meta", "Control"]}
      onKeyDown={(event) => {
        const focused = (event.target as HTMLElement).dataset.id;
        if (event.key === "Enter" && focused && getNode(focused)) useCanvas.getState().open(focused);
      }}
    >
      <Background variant={BackgroundVariant.Dots} gap={24} size={1.5} />
      <Controls position="bottom-left" showInteractive={false} />
      <MiniMap pannable zoomable ariaLabel="Overview of the flow" nodeColor={(node) => TONES[faceOf((node as Card).data.object.kind).tone] ?? "#8492a6"} nodeBorderRadius={8} />
    </ReactFlow>
  );
}

function useScheme() {
  const { colorScheme } = useMantineColorScheme();
  return { resolvedScheme: colorScheme === "auto" ? ("system" as const) : colorScheme };
}

function cardsOf(flow: number, objects: FlowObject[], kinds: Map<string, ObjectKind>, findings: Finding[]): Card[] {
  const places = placesOf(objects, (object) => outputsOf(object, kinds.get(object.kind)).length);
  const wrong = new Map<number, Finding[]>();
  for (const finding of findingsAt(findings, ["flows", flow, "objects"])) {
    const index = Number(finding.loc?.[3]);
    wrong.set(index, [...(wrong.get(index) ?? []), finding]);
  }
  return objects.map((object, index) => {
    const kind = kinds.get(object.kind);
    const [x, y] = places[object.id] ?? [0, 0];
    const outputs = outputsOf(object, kind);
    return {
      id: object.id,
      type: "object",
      position: { x, y },
      initialWidth: WIDTH,
      initialHeight: heightOf(outputs.length),
      // else each is drawn once, however far away, to see where its handles are
      ...(objects.length > MANY && { handles: handlesOf(outputs.map((one) => one.name), object.kind === "number") }),
      ariaLabel: `${kind?.title ?? object.kind}: ${object.name}`,
      data: { object, title: kind?.title ?? object.kind, outputs, findings: wrong.get(index) ?? FINE },
    };
  });
}

/** The new drawing with what only the canvas knows: selection, measures, an ongoing drag. */
function merged(before: Card[], drawn: Card[]): Card[] {
  const known = new Map(before.map((node) => [node.id, node]));
  return drawn.map((node) => {
    const old = known.get(node.id);
    if (!old) return before.length ? { ...node } : node;
    return { ...old, data: node.data, ariaLabel: node.ariaLabel ?? "", position: old.dragging ? old.position : node.position };
  });
}

function edgesOf(objects: FlowObject[], chosen: string[], ways: string[]): Edge[] {
  const known = new Map(objects.map((object) => [object.id, object]));
  const onWay = new Set(ways);
  const selected = new Set(chosen);
  return objects.flatMap((object) =>
    Object.entries(object.outputs ?? {})
      .filter(([, target]) => known.has(target))
      .map(([output, target]) => {
        const id = `${object.id}.${output}`;
        const lit = onWay.has(id);
        return {
          id, source: object.id, sourceHandle: output, target, targetHandle: "in", selected: selected.has(id), animated: lit, markerEnd: ARROW,
          ariaLabel: `${object.name}, ${output.replaceAll("_", " ")}, to ${known.get(target)?.name ?? target}`,
          ...(lit && { style: { stroke: "var(--mantine-color-green-6)", strokeWidth: 2.4 } }),
        };
      }),
  );
}
