import { useReactFlow } from "@xyflow/react";
import { useEffect } from "react";
import { type Clip, paste, removeObjects } from "../../canvas/edits";
import { edit, redo, undo, useDraft } from "../../draft/store";

const CLIPBOARD = "hookswitch.clipboard";

/** Undo, redo, copy, cut, paste, duplicate, select all, lay out. */
export function useCanvasKeys(flow: number, layOut: () => void): void {
  const { getNodes, setNodes } = useReactFlow();
  useEffect(() => {
    const chosen = (): Clip => {
      const ids = new Set(getNodes().filter((node) => node.selected).map((node) => node.id));
      return (useDraft.getState().document?.flows?.[flow]?.objects ?? []).filter((object) => ids.has(object.id));
    };
    const insert = (clip: Clip) => {
      let made: string[] = [];
      edit((document) => {
        made = paste(document, flow, clip);
      });
      requestAnimationFrame(() => setNodes((all) => all.map((node) => ({ ...node, selected: made.includes(node.id) }))));
    };
    const copy = () => sessionStorage.setItem(CLIPBOARD, JSON.stringify(chosen()));
    const acts: Record<string, () => void> = {
      z: undo,
      "shift+z": redo,
      y: redo,
      c: copy,
      x: () => {
        copy();
        edit((document) => removeObjects(document, flow, chosen().map((object) => object.id)));
      },
      v: () => insert(JSON.parse(sessionStorage.getItem(CLIPBOARD) ?? "[]") as Clip),
      d: () => insert(chosen()),
      a: () => setNodes((all) => all.map((node) => ({ ...node, selected: true }))),
      l: layOut,
    };
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (!(event.ctrlKey || event.metaKey) || target.closest("input, textarea, [contenteditable], [role=dialog]")) return;
      const act = acts[(event.shiftKey ? "shift+" : "") + event.key.toLowerCase()];
      if (!act || (event.key.toLowerCase() === "c" && window.getSelection()?.toString())) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [flow, layOut, getNodes, setNodes]);
}
