import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPlus, IconSettings } from "@tabler/icons-react";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useAllowed } from "../api/auth";
import type { Finding, FlowObject } from "../api/types";
import { useDraft } from "../draft/store";
import { faceOf } from "../nodes";
import type { Output } from "./outputs";
import { useCanvas } from "./view";

export type Card = Node<{ object: FlowObject; title: string; outputs: Output[]; findings: Finding[] }, "object">;

/** An object on the canvas: what it is, what it is set to, its outputs, what is wrong with it. */
export const ObjectCard = memo(function ObjectCard({ data }: NodeProps<Card>) {
  const { object, title, outputs, findings } = data;
  const allowed = useAllowed("operator");
  const face = faceOf(object.kind);
  const Icon = face.icon;
  const summary = useDraft((state) => (state.document ? face.summary(object, state.document) : ""));
  const calls = useCanvas((state) => state.lit[object.id] ?? 0);
  const onPath = useCanvas((state) => state.path.includes(object.id));
  const states = [findings.length && "wrong", calls && "alive", onPath && "on-path"].filter(Boolean).join(" ");
  return (
    <div className={`node tone-${face.tone} ${states}`} data-kind={object.kind} data-name={object.name} onDoubleClick={() => useCanvas.getState().open(object.id)}>
      {object.kind !== "number" && <Handle type="target" position={Position.Left} className="in" id="in" />}
      <div className="node-head">
        <span className="tone-mark"><Icon size={16} stroke={1.8} aria-hidden /></span>
        <div className="node-name">
          <div className="node-title" dir="auto">{object.name}</div>
          <div className="node-kind">{title}</div>
        </div>
        {calls > 0 && <span className="node-count alive" title={`${calls} calls here`}>{calls}</span>}
        {findings.length > 0 && (
          <Tooltip multiline maw={320} label={findings.map((one) => `${one.field ? `${one.field.replaceAll("_", " ")}: ` : ""}${one.message}: ${one.mend}`).join("\n")} style={{ whiteSpace: "pre-line" }}>
            <span className="node-count wrong" role="img" aria-label={`${findings.length} to mend`}>{findings.length}</span>
          </Tooltip>
        )}
        <ActionIcon size="sm" className="nodrag" aria-label={`Settings of ${object.name}`} onClick={() => useCanvas.getState().open(object.id)}>
          <IconSettings size={15} stroke={1.7} />
        </ActionIcon>
      </div>
      <div className="node-line" title={summary}>{summary}</div>
      {outputs.length > 0 && (
        <div className="node-outs">
          {outputs.map(({ name, title: label }) => (
            <div key={name} className={`node-out ${object.outputs?.[name] ? "connected" : ""}`}>
              {label}
              <Handle type="source" position={Position.Right} id={name} data-output={name} />
              {!object.outputs?.[name] && allowed && (
                <button type="button" className="node-add nodrag" aria-label={`Add an object after ${label} of ${object.name}`} onClick={() => useCanvas.setState({ adding: { id: object.id, output: name, label: `${object.name}, ${label}` } })}>
                  <IconPlus size={12} stroke={2.2} aria-hidden />
                </button>
              )}
            </div>
          ))}
        </div>
      )}
    </div>
  );
});
