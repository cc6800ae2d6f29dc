import type { KeyboardEvent } from "react";

/** Escape closes what it was pressed in, but first a drop-down that is open there. */
export const onEscape = (close: () => void) => (event: KeyboardEvent) => {
  const target = event.target as HTMLElement;
  const isOpen = target.getAttribute("aria-haspopup") !== null && target.getAttribute("aria-expanded") === "true";
  if (event.key === "Escape" && !event.defaultPrevented && !isOpen) close();
};
