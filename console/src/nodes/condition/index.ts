import { IconArrowsSplit2 } from "@tabler/icons-react";
import { count, type Face } from "../face";

type Case = { output?: string };

export const face: Face = {
  icon: IconArrowsSplit2,
  tone: "logic",
  summary: (object) => count(Array.isArray(object.cases) ? object.cases.length : 0, "case"),
  start: () => ({ cases: [{ output: "case_1", match: "caller_number", how: "prefix", values: [] }] }),
  outputs: (object) => ((object.cases as Case[] | undefined) ?? []).map((one) => one.output ?? "").filter(Boolean),
  hints: {
    cases: {
      entry: "case", help: "The first that matches counts",
      fields: {
        output: { label: "Name of its output", help: "Small letters, digits and _" },
        match: {}, variable: { when: (one) => one.match === "variable" },
        how: { words: { exact: "Is exactly", prefix: "Begins with", pattern: "Matches the pattern (* and ?)", empty: "Is empty" } },
        values: { when: (one) => one.how !== "empty", help: "Any of them" },
      },
    },
  },
};
