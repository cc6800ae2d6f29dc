/** The kinds of objects: each folder here is one kind; nothing else lists them. */
import { IconSquareRoundedLetterO } from "@tabler/icons-react";
import type { Face } from "./face";

const modules = import.meta.glob<{ face: Face }>("./*/index.ts", { eager: true });

export const FACES: Record<string, Face> = Object.fromEntries(
  Object.entries(modules).map(([path, module]) => [path.split("/")[1] ?? "", module.face]),
);

/** For a kind of a newer server: everything works from its schema, without looks of its own. */
const PLAIN: Face = { icon: IconSquareRoundedLetterO, tone: "logic", summary: () => "" };

export const faceOf = (kind: string): Face => FACES[kind] ?? PLAIN;
