import { IconVolume } from "@tabler/icons-react";
import type { Face } from "../face";

export const face: Face = {
  icon: IconVolume,
  tone: "sound",
  summary: (object) => String(object.prompt || "No prompt chosen"),
  hints: {
    prompt: { input: "prompt" },
    answer_first: { label: "Answer first", help: "Off: as early media, before the call costs anything" },
  },
};
