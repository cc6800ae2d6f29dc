import { useState } from "react";
import type { Doc } from "../api/types";
import { identityOf } from "./identity";
import { useDraft } from "./store";


type Opened = { section: string; index: number; name: unknown; epoch: number; nth: number };
const nameIn = (document: Doc | null, section: string, index: number): unknown => identityOf(section, (document?.[section] as unknown[] | undefined)?.[index]);

/** The entry of a list that is open: it is followed when others change the list, and closed when it is gone. */
export function useOpened() {
  const [opened, set] = useState<Opened | null>(null);
  const document = useDraft((state) => state.document);
  const epoch = useDraft((state) => state.epoch);
  if (opened) {
    const name = nameIn(document, opened.section, opened.index);
    if (opened.epoch !== epoch && name !== opened.name) {
      const index = ((document?.[opened.section] as unknown[] | undefined) ?? []).findIndex((one) => identityOf(opened.section, one) === opened.name);
      set(index < 0 ? null : { ...opened, index, epoch });
    } else if (opened.epoch !== epoch || name !== opened.name) set({ ...opened, name, epoch });
  }
  const open = (section: string, index: number) => {
    const now = useDraft.getState();
    set({ section, index, name: nameIn(now.document, section, index), epoch: now.epoch, nth: (opened?.nth ?? 0) + 1 });
  };
  return { opened, open, close: () => set(null) };
}
