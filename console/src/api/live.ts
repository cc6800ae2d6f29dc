/** One stream of server-sent events for the whole page, shared by all who listen. */
import { useEffect, useRef } from "react";
import { create } from "zustand";

type Listener = (type: string, data: unknown) => void;

const TYPES = ["snapshot", "call", "leg", "object", "queue", "user", "event", "delivery", "apply", "health", "receiver"];
const listeners = new Set<Listener>();
let source: EventSource | null = null;

export const useStream = create<{ connected: boolean }>(() => ({ connected: false }));

function open(): void {
  source = new EventSource("/api/live");
  source.onopen = () => useStream.setState({ connected: true });
  source.onerror = () => {
    useStream.setState({ connected: false });
    if (source?.readyState === EventSource.CLOSED) {
      source = null;
      setTimeout(() => listeners.size && !source && open(), 3000);
    }
  };
  for (const type of TYPES) {
    source.addEventListener(type, (message) => {
      const data: unknown = JSON.parse((message as MessageEvent<string>).data);
      for (const listener of listeners) listener(type, data);
    });
  }
}

/** Call `handle` for each event of these types while mounted; none opens nothing. */
export function useLiveEvents(types: string[], handle: Listener): void {
  const latest = useRef(handle);
  useEffect(() => {
    latest.current = handle;
  });
  const wanted = types.join(",");
  useEffect(() => {
    if (!wanted) return;
    const listener: Listener = (type, data) => {
      if (wanted.split(",").includes(type)) latest.current(type, data);
    };
    listeners.add(listener);
    if (!source) open();
    return () => {
      listeners.delete(listener);
      if (!listeners.size) {
        source?.close();
        source = null;
        useStream.setState({ connected: false });
      }
    };
  }, [wanted]);
}
