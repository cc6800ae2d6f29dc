import { IconPlayerRecord } from "@tabler/icons-react";
import type { Hints } from "../../forms/hints";
import type { Face } from "../face";

const WHO = { both: "Both sides", caller: "The caller", callee: "Who answers" };

/** How a call is recorded, the same wherever that can be set. */
export const RECORD: Hints = {
  announcement: { input: "prompt", help: "Tells the caller" },
  emails: { label: "Tell by email", placeholder: "Type an address and press Enter" },
  subject: {},
  message: { input: "textarea" },
  attach_audio: { label: "Attach the audio" },
};

export const face: Face = {
  icon: IconPlayerRecord,
  tone: "sound",
  summary: (object) =>
    object.action === "stop" ? "Off from here on" : `On from here on · ${WHO[object.who as keyof typeof WHO] ?? WHO.both}`,
  hints: {
    action: { label: "From here on", words: { start: "Record", stop: "Do not record" } },
    who: { label: "Who is recorded", words: WHO, when: (object) => object.action !== "stop" },
    record: { label: "Settings", fields: RECORD, when: (object) => object.action !== "stop" },
  },
};
