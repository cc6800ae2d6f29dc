import { CloseButton, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useAllowed } from "../api/auth";
import type { ObjectKind } from "../api/types";
import { faceOf } from "../nodes";
import { useCanvas } from "./view";

export const DRAGGED = "application/x-hookswitch-kind";
const GROUPS = ["Basic", "Advanced options"] as const;
const ORDER = ["number", "user", "ring_group", "queue", "voicemail", "voice_menu", "time_condition", "playback", "call_recording", "recording", "webhook", "caller_id", "condition", "external_number", "conference", "directory", "hang_up"];

/** Everything that can be drawn: drag it, click it, or type its name and press Enter. */
export function Palette({ kinds, add }: { kinds: ObjectKind[]; add: (kind: ObjectKind) => void }) {
  const [wanted, setWanted] = useState("");
  const allowed = useAllowed("operator");
  const rank = (kind: ObjectKind) => (ORDER.indexOf(kind.kind) + 100) % 100;
  const found = kinds
    .filter((kind) => kind.title.toLowerCase().includes(wanted.toLowerCase().trim()))
    .sort((a, b) => rank(a) - rank(b));
  const adding = useCanvas((state) => state.adding);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (adding) search.current?.focus();
  }, [adding]);
  const addFirst = () => {
    const [first] = found;
    if (first && (wanted || adding)) add(first);
    setWanted("");
  };
  return (
    <aside className="palette" aria-label="Objects">
      {adding && (
        <Text className="palette-after" fz="xs" role="status">
          After <b dir="auto">{adding.label}</b>
          <CloseButton size="xs" aria-label="Add it somewhere else" onClick={() => useCanvas.setState({ adding: null })} />
        </Text>
      )}
      <TextInput
        ref={search} className="palette-search" size="xs" placeholder="Type to add" aria-label="Find an object to add" leftSection={<IconSearch size={14} />}
        value={wanted} onChange={(e) => setWanted(e.target.value)} onKeyDown={(e) => {
          if (e.key === "Enter") addFirst();
          if (e.key === "Escape") useCanvas.setState({ adding: null });
        }}
      />
      {GROUPS.map((group) => (
        <div className="palette-group" key={group}>
          <h2>{group}</h2>
          {found.filter((kind) => kind.group === group).map((kind) => <Item key={kind.kind} kind={kind} add={add} disabled={!allowed} />)}
        </div>
      ))}
    </aside>
  );
}

function Item({ kind, add, disabled }: { kind: ObjectKind; add: (kind: ObjectKind) => void; disabled: boolean }) {
  const face = faceOf(kind.kind);
  const Icon = face.icon;
  return (
    <button
      type="button" className={`palette-item tone-${face.tone}`} draggable={!disabled} disabled={disabled} title={kind.description} data-palette={kind.kind}
      onClick={() => add(kind)}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, kind.kind);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <span className="tone-mark" style={{ width: 22, height: 22 }}><Icon size={14} stroke={1.8} aria-hidden /></span>
      {kind.title}
    </button>
  );
}
