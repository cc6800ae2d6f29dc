import { IconUsersPlus } from "@tabler/icons-react";
import { count, type Face } from "../face";
import { RECORD } from "../call_recording";

const STRATEGIES = {
  all: "Ring all", least_recent: "Least recent", fewest_calls: "Fewest calls", random: "Random",
  round_robin: "Round robin memory", linear: "Linear",
};

export const face: Face = {
  icon: IconUsersPlus,
  tone: "people",
  summary: (object) => {
    const members = Array.isArray(object.members) ? object.members.length : 0;
    const strategy = STRATEGIES[object.strategy as keyof typeof STRATEGIES] ?? STRATEGIES.all;
    return `${count(members, "agent")} · ${strategy} · ${Number(object.max_wait ?? 300)} s`;
  },
  hints: {
    members: { label: "Agents", entry: "agent", fields: { user: { input: "user" }, penalty: { help: "Rung only when those with a smaller one are not free" } } },
    strategy: { words: STRATEGIES },
    max_wait: { label: "Maximum wait", unit: "seconds", help: "Then the call goes on by Timeout" },
    ring_time: { unit: "seconds" },
    code: { label: "Code for agents", help: "Dialled after the login, logout and pause codes", more: true },
    music: { label: "Music on hold", more: true },
    retry: { unit: "seconds", help: "Between two rounds of ringing", more: true },
    wrap_up: { unit: "seconds", label: "Wrap-up", help: "An agent rests so long after a call", more: true },
    max_callers: { label: "Maximum callers", help: "0: no limit", more: true },
    join_when_empty: { label: "Callers may join when no agent is there", more: true },
    leave_when_empty: { label: "Callers leave when no agent is there any more", more: true },
    exit_key: { label: "Exit key", help: "Leaves the queue by Exit key", words: { "": "None" }, more: true },
    announce_position: { label: "Tell the position", more: true },
    announce_hold_time: { label: "Tell the expected wait", more: true },
    announce_every: { label: "Tell it every", unit: "seconds", help: "0: when the place changes", more: true },
    periodic_prompt: { label: "Periodic announcement", input: "prompt", more: true },
    periodic_every: { label: "Played every", unit: "seconds", more: true },
    record: { label: "Record calls", fields: RECORD, more: true },
  },
};
