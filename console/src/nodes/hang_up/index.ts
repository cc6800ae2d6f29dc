import { IconPhoneOff } from "@tabler/icons-react";
import type { Face } from "../face";

const CAUSES = { normal: "Normal end", busy: "Busy", no_answer: "No answer", rejected: "Rejected", congestion: "Congestion", unknown: "Unknown number" };

export const face: Face = {
  icon: IconPhoneOff,
  tone: "end",
  summary: (object) => CAUSES[object.cause as keyof typeof CAUSES] ?? CAUSES.normal,
  hints: { cause: { label: "The caller's phone is told", words: CAUSES }, tone: { label: "Tone before" } },
};
