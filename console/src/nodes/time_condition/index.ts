import { IconClock } from "@tabler/icons-react";
import { type Face, list } from "../face";

type Group = { hours?: string[]; weekdays?: string[] };

export const face: Face = {
  icon: IconClock,
  tone: "logic",
  summary: (object) => {
    const [first] = (object.groups as Group[] | undefined) ?? [];
    const said = [...list(first?.weekdays), ...list(first?.hours)].join(" ");
    return said || String(object.time_zone || "No times yet");
  },
  start: () => ({
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    groups: [{ weekdays: ["mon-fri"], hours: ["09:00-17:00"] }],
  }),
  hints: {
    time_zone: { input: "timezone" },
    groups: {
      label: "Matches in", entry: "group", help: "A time matches if it is in every list of one group",
      fields: {
        weekdays: { placeholder: "mon-fri" }, hours: { placeholder: "09:00-17:00" }, month_days: { placeholder: "1-7" },
        months: { placeholder: "jan-mar" }, years: { placeholder: "2027" },
      },
    },
    holidays: { placeholder: "2026-12-25 or 12-25", help: "Never matches on these days" },
    override: { label: "Override code", help: "Dialled after *28: matches, doesn't match, by the clock again", more: true },
  },
};
