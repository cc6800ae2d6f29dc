import { IconPhoneIncoming } from "@tabler/icons-react";
import { type Face, list } from "../face";
import { RECORD } from "../call_recording";

export const face: Face = {
  icon: IconPhoneIncoming,
  tone: "entry",
  summary: (object) => list(object.numbers).join(", ") || "No number yet",
  hints: {
    numbers: { input: "numbers", label: "Numbers", help: "As your provider sends them, such as 61300000000", placeholder: "Type a number and press Enter" },
    record: { label: "Record calls", fields: RECORD, more: true },
  },
};
