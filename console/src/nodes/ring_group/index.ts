import { IconUsersGroup } from "@tabler/icons-react";
import { count, type Face, list } from "../face";
import { RECORD } from "../call_recording";

const STRATEGIES = { all: "All at once", in_order: "In order", random: "Random", round_robin: "Round robin memory" };

export const face: Face = {
  icon: IconUsersGroup,
  tone: "people",
  summary: (object) =>
    `${count(list(object.members).length, "member")} · ${STRATEGIES[object.strategy as keyof typeof STRATEGIES] ?? "All at once"}`,
  hints: {
    external: { label: "Numbers outside", more: true },
    confirm: { label: "Press 1 to take the call outside", more: true },
    members: { input: "users", help: "In the order in which they are tried" },
    strategy: { words: STRATEGIES },
    ring_time: { unit: "seconds", label: "Ring time of each" },
    total_time: { unit: "seconds", help: "Then the call goes on by No answer" },
    while_waiting: { label: "The caller hears", words: { ringing: "Ringing", music: "Music" } },
    record: { label: "Record calls", fields: RECORD, more: true },
  },
};
