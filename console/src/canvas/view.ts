/** What the canvas shows: the flow, the opened object, where to look. Not part of the draft. */
import { create } from "zustand";

type View = {
  flow: number;
  opened: string | null;
  /** An object to bring into view once it is drawn. */
  wanted: string | null;
  lit: Record<string, number>;
  path: string[];
  chooseFlow: (flow: number) => void;
  open: (id: string | null) => void;
  show: (flow: number, id: string) => void;
  seen: () => void;
};

export const useCanvas = create<View>((set) => ({
  flow: 0,
  opened: null,
  wanted: null,
  lit: {},
  path: [],
  chooseFlow: (flow) => set({ flow, opened: null, path: [] }),
  open: (opened) => set({ opened }),
  show: (flow, id) => set({ flow, opened: id, wanted: id }),
  seen: () => set({ wanted: null }),
}));
