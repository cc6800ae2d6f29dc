import { useReactFlow } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Doc, FlowObject, ObjectKind } from "../../api/types";
import { Canvas } from "../../canvas/Canvas";
import { addObject, connect, flowAt } from "../../canvas/edits";
import { arrange, WIDTH } from "../../canvas/layout";
import { ObjectDrawer } from "../../canvas/ObjectDrawer";
import { outputsOf } from "../../canvas/outputs";
import { Palette } from "../../canvas/Palette";
import { useCanvas } from "../../canvas/view";
import { edit, useDraft } from "../../draft/store";
import { EmptyFlow } from "./EmptyFlow";
import { SimulatePanel } from "./SimulatePanel";
import { Toolbar } from "./Toolbar";
import { useCanvasKeys } from "./useCanvasKeys";
import { useLitObjects } from "./useLitObjects";

const NOTHING: FlowObject[] = [];

/** Palette, canvas and drawer around the flow that is chosen. */
export function PbxEditor({ kinds, document }: { kinds: ObjectKind[]; document: Doc }) {
  const chosen = useCanvas((state) => state.flow);
  const openedId = useCanvas((state) => state.opened);
  const findings = useDraft((state) => state.findings);
  const [simulating, setSimulating] = useState(false);
  const surface = useRef<HTMLDivElement>(null);
  const { screenToFlowPosition, getNodes, fitView } = useReactFlow();
  const byKind = useMemo(() => new Map(kinds.map((kind) => [kind.kind, kind])), [kinds]);
  const flows = document.flows ?? [];
  const flow = Math.min(chosen, Math.max(flows.length - 1, 0));
  const objects = flows[flow]?.objects ?? NOTHING;
  const opened = objects.findIndex((object) => object.id === openedId);
  const object = opened >= 0 ? objects[opened] : undefined;
  useLitObjects();

  const layOut = useCallback(() => {
    edit((draft) => {
      const own = flowAt(draft, flow);
      const places = arrange(own.objects, (object) => outputsOf(object, byKind.get(object.kind)).length);
      for (const object of own.objects) object.position = places[object.id] ?? [0, 0];
    });
    setTimeout(() => void fitView({ padding: 0.15, maxZoom: 1, duration: 200 }), 30);
  }, [flow, byKind, fitView]);
  const add = (kind: ObjectKind) => {
    const nodes = getNodes();
    const { adding, show } = useCanvas.getState();
    const source = adding ? nodes.find((node) => node.id === adding.id) : nodes.find((node) => node.selected);
    const box = surface.current?.getBoundingClientRect();
    const middle = screenToFlowPosition({ x: (box?.left ?? 0) + (box?.width ?? 800) / 2 - 100, y: (box?.top ?? 0) + (box?.height ?? 500) / 3 });
    let made = "";
    edit((draft) => {
      const { objects: drawn } = flowAt(draft, flow);
      const wanted: [number, number] = source ? [source.position.x + WIDTH + 84, source.position.y] : [middle.x, middle.y];
      made = addObject(draft, flow, kind, free(drawn, wanted));
      const from = drawn.find((object) => object.id === source?.id);
      const output = from && kind.kind !== "number" ? (adding?.output ?? unused(from, byKind)) : undefined;
      if (from && output) connect(draft, flow, from.id, output, made);
    });
    show(flow, made);
  };
  const simulate = () => {
    setSimulating(!simulating || object !== undefined);
    useCanvas.getState().open(null);
  };
  useCanvasKeys(flow, layOut);
  useEffect(() => {
    if (chosen !== flow) useCanvas.getState().chooseFlow(flow);
  }, [chosen, flow]);
  return (
    <div className="pbx">
      <Toolbar document={document} flow={flow} layOut={layOut} simulate={simulate} />
      <Palette kinds={kinds} add={add} />
      <div className="surface" ref={surface}>
        <Canvas key={flow} flow={flow} objects={objects} kinds={byKind} findings={findings} />
        {objects.length === 0 && <EmptyFlow isFirst={flows.every((one) => one.objects.length === 0)} />}
        {object && (
          <ObjectDrawer key={object.id} flow={flow} index={opened} object={object} others={objects.filter((one) => one.id !== object.id)} kind={byKind.get(object.kind)} findings={findings} />
        )}
        {simulating && <SimulatePanel key={flow} hidden={object !== undefined} document={document} flow={flows[flow]} close={() => setSimulating(false)} />}
      </div>
    </div>
  );
}

const unused = (object: FlowObject, kinds: Map<string, ObjectKind>) =>
  outputsOf(object, kinds.get(object.kind)).find((output) => !object.outputs?.[output.name])?.name;

/** The nearest place at or below `wanted` that no object covers. */
function free(objects: FlowObject[], [x, wanted]: [number, number]): [number, number] {
  let y = wanted;
  const covers = ({ position }: FlowObject) => position && Math.abs(position[0] - x) < WIDTH && Math.abs(position[1] - y) < 110;
  while (objects.some(covers)) y += 120;
  return [x, y];
}
