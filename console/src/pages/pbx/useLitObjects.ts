import { useEffect, useRef } from "react";
import { useLiveEvents } from "../../api/live";
import { useCanvas } from "../../canvas/view";

type Passing = { call?: string; object?: string; id?: string; node?: string; ended?: boolean; state?: string };

/** Real calls light the object they are in; a call is in one object at a time. */
export function useLitObjects(): void {
  const where = useRef(new Map<string, string>());
  const light = () => {
    const lit: Record<string, number> = {};
    for (const object of where.current.values()) lit[object] = (lit[object] ?? 0) + 1;
    useCanvas.setState({ lit });
  };
  useLiveEvents(["snapshot", "object", "call"], (type, data) => {
    const told = data as Passing & { calls?: (Passing & { call?: string })[] };
    if (type === "snapshot") {
      where.current = new Map((told.calls ?? []).flatMap((call) => (call.object ? [[String(call.id ?? call.call), call.object] as const] : [])));
    } else if (type === "object" && told.call) {
      where.current.set(told.call, String(told.object ?? told.node ?? ""));
    } else if (type === "call" && (told.ended || told.state === "ended")) {
      where.current.delete(String(told.call ?? told.id));
    }
    light();
  });
  useEffect(() => () => useCanvas.setState({ lit: {} }), []);
}
