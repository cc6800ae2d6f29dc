import { IconUser } from "@tabler/icons-react";
import { type Face, userName } from "../face";
import { RECORD } from "../call_recording";

export const face: Face = {
  icon: IconUser,
  tone: "people",
  summary: (object, document) => {
    const name = userName(document, object.user);
    return name ? `${name} · ${String(object.user)}` : "No user chosen";
  },
  hints: {
    user: { label: "User", input: "user", help: "Rings all of this user's phones" },
    ring_time: { unit: "seconds", help: "Empty: the user's own ring time" },
    record: { label: "Record calls", fields: RECORD, more: true },
  },
};
