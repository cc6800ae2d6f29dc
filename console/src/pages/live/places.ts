import { useState } from "react";
import { useLiveEvents } from "../../api/live";

type Told = { call?: string; object?: string | null; state?: string; name?: string | null };
export type Place = { object?: string; heldBy?: string };

/** Where each call is in the flow and who holds it, by the call's id; the stream tells all of it to
 * whoever begins to watch. */
export function usePlaces(): Record<string, Place> {
  const [places, setPlaces] = useState<Record<string, Place>>({});
  useLiveEvents(["snapshot", "object", "call"], (type, data) => {
    if (type === "snapshot") return setPlaces({});
    const told = data as Told;
    const call = told.call ?? "";
    setPlaces((known) => {
      if (type === "object") return { ...known, [call]: { ...known[call], object: told.object ?? undefined } };
      if (told.state === "held") return { ...known, [call]: { ...known[call], heldBy: told.name || "the other side" } };
      if (told.state === "resumed") return { ...known, [call]: { ...known[call], heldBy: undefined } };
      if (told.state !== "ended") return known;
      return Object.fromEntries(Object.entries(known).filter(([id]) => id !== call));
    });
  });
  return places;
}
