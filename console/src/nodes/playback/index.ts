import { IconVolume } from "@tabler/icons-react";
import type { Face } from "../face";

export const face: Face = {
  icon: IconVolume,
  tone: "sound",
  summary: (object) => String(object.prompt || "No prompt chosen"),
  hints: {
    prompt: { input: "prompt" },
    answer_first: { label: "Answer first", help: "Off: as early media, before the call costs anything" },
    record_code: { label: "Code to record it by phone", help: "1 to 4 digits, dialled after *77", more: true }, record_pin: { label: "PIN to record it", help: "4 to 10 digits", more: true },
  },
};
