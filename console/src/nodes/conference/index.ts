import { IconUsersMinus } from "@tabler/icons-react";
import type { Face } from "../face";
import { RECORD } from "../call_recording";

export const face: Face = {
  icon: IconUsersMinus,
  tone: "people",
  summary: (object) => (object.room ? `Room ${String(object.room)}${object.pin ? " · PIN" : ""}` : "No room yet"),
  hints: {
    room: {}, pin: { label: "PIN", help: "4 to 10 digits" }, admin_pin: { label: "Administrator's PIN", more: true }, max_members: { label: "Maximum members", more: true }, announce_joins: { label: "Announce who joins and leaves" },
    record: { label: "Record the conference", fields: RECORD, more: true },
  },
};
