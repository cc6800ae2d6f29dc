import { IconId } from "@tabler/icons-react";
import { count, type Face } from "../face";

export const face: Face = {
  icon: IconId,
  tone: "logic",
  summary: (object) => {
    const table = Array.isArray(object.table) ? object.table.length : 0;
    const set = [object.set_name, object.set_number, object.name_prefix, object.number_prefix].filter(Boolean).map(String);
    return [...set, ...(table ? [count(table, "known caller")] : [])].join(" · ") || "Changes nothing yet";
  },
  hints: {
    name_prefix: { help: "Put before the caller's name, such as Sales:" },
    set_name: {}, set_number: { input: "phone" }, number_prefix: {},
    table: { label: "Known callers", entry: "caller", help: "The name to show for a number" },
  },
};
