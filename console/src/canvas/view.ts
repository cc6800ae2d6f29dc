/** What the canvas shows: the flow, the opened object, where to look. Not part of the draft. */
import { create } from "zustand";

type View = {
  flow: number;
  opened: string | null;
  /** An object to bring into view once it is drawn. */
  wanted: string | null;
  /** The output that the next added object goes after. */
  adding: { id: string; output: string; label: string } | null;
  lit: Record<string, number>;
  path: string[];
  /** The edges of that path, as `object.output`. */
  ways: string[];
  chooseFlow: (flow: number) => void;
  open: (id: string | null) => void;
  show: (flow: number, id: string) => void;
  seen: () => void;
};

export const useCanvas = create<View>((set) => ({
  flow: 0,
  opened: null,
  wanted: null,
  adding: null,
  lit: {},
  path: [],
  ways: [],
  chooseFlow: (flow) => set({ flow, opened: null, adding: null, path: [], ways: [] }),
  open: (opened) => set({ opened, adding: null }),
  show: (flow, id) => set({ flow, opened: id, wanted: id, adding: null }),
  seen: () => set({ wanted: null }),
}));
