import { IconGridDots } from "@tabler/icons-react";
import { count, type Face } from "../face";

export const face: Face = {
  icon: IconGridDots,
  tone: "logic",
  summary: (object) => {
    const keys = Object.keys(object.outputs ?? {}).filter((name) => name.startsWith("digit_") || name === "star" || name === "hash");
    return `${count(keys.length, "key")} in use${object.greeting ? ` · ${String(object.greeting)}` : ""}`;
  },
  hints: {
    greeting: { input: "prompt", help: "What callers hear: which key leads where" },
    dial_extensions: { label: "Callers may dial an extension directly" },
    timeout: { unit: "seconds", help: "For the first key after the greeting" },
    retries: { help: "How often the greeting comes again after a wrong key or none" },
    digit_timeout: { label: "Time for each further key", unit: "seconds", more: true },
    invalid_prompt: { label: "Prompt after a wrong key", input: "prompt", more: true },
    timeout_prompt: { label: "Prompt after no key", input: "prompt", more: true },
  },
};
