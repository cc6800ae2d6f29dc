import { Select } from "@mantine/core";
import { useState } from "react";
import type { Doc, Flow } from "../../api/types";
import { userName } from "../../nodes/face";
import { rungBy } from "./simulating";

const ANSWERS = [
  { value: "no_answer", label: "Does not answer" },
  { value: "@3s", label: "Answers after 3 s" },
  { value: "@3s+20s", label: "Answers after 3 s, hangs up after 20 s" },
  { value: "declines@2s", label: "Declines after 2 s" },
  { value: "busy", label: "Is busy" },
  { value: "offline", label: "Has no phone online" },
];
const DND = { value: "dnd", label: "Does not want to be disturbed" };

type Props = { document: Doc; flow: Flow | undefined; also: string[]; answers: Record<string, string>; change: (answers: Record<string, string>) => void };

/** What each person does whom the flow rings; others, such as who is forwarded to, can be added. */
export function SimulatePeople({ document, flow, also, answers, change }: Props) {
  const [added, setAdded] = useState<string[]>([]);
  const people = [...new Set([...rungBy(flow), ...also, ...added])];
  const users = document.users ?? [];
  const known = new Set(users.map(({ extension }) => extension));
  const others = users.filter(({ extension }) => !people.includes(extension));
  return (
    <>
      {people.map((one) => {
        const name = userName(document, one);
        return (
          <Select
            key={one} size="xs" label={name === one ? one : `${name} (${one})`} value={answers[one] ?? "no_answer"} allowDeselect={false}
            data={known.has(one) ? [...ANSWERS, DND] : ANSWERS} onChange={(next) => change({ ...answers, [one]: next ?? "no_answer" })}
          />
        );
      })}
      {others.length > 0 && (
        <Select
          size="xs" label="Somebody else" placeholder="Add a user, such as one who is forwarded to" searchable value={null} limit={50}
          data={others.map(({ extension, name }) => ({ value: extension, label: `${name} (${extension})` }))}
          onChange={(next) => next && setAdded([...added, next])}
        />
      )}
    </>
  );
}
