import { ActionIcon, Badge, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useEvents } from "../../api/catalogue";
import { post } from "../../api/client";
import type { Doc, Flow, Simulation } from "../../api/types";
import { useCanvas } from "../../canvas/view";
import { saved, useDraft } from "../../draft/store";
import { Code } from "../../shared/Copy";
import { ErrorState } from "../../shared/States";

const ANSWERS = [
  { value: "no_answer", label: "Does not answer" },
  { value: "@3s", label: "Answers after 3 s" },
  { value: "@3s+20s", label: "Answers after 3 s, hangs up after 20 s" },
  { value: "declines@2s", label: "Declines after 2 s" },
  { value: "busy", label: "Is busy" },
  { value: "offline", label: "Has no phone online" },
  { value: "dnd", label: "Does not want to be disturbed" },
];

/** Walk the draft without a call: the path lights up, the exact events are listed. */
export function SimulatePanel({ document, flow, close }: { document: Doc; flow: Flow | undefined; close: () => void }) {
  const numbers = (flow?.objects ?? []).flatMap((object) => (object.kind === "number" ? ((object.numbers as string[] | undefined) ?? []) : []));
  const [number, setNumber] = useState<string | null>(numbers[0] ?? null);
  const [caller, setCaller] = useState("61400000001");
  const [at, setAt] = useState("");
  const [keys, setKeys] = useState("");
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [result, setResult] = useState<Simulation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const etag = useDraft((state) => state.etag);
  const users = document.users ?? [];
  useEffect(() => () => useCanvas.setState({ path: [] }), []);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await saved();
      const found = await post<Simulation>("/api/simulate", {
        number, caller, caller_name: "Jane Citizen", ...(at && { at }),
        answers: Object.fromEntries(users.map(({ extension }) => [extension, answers[extension] ?? "no_answer"])),
        press: keys.split(/[\s,]+/).filter(Boolean),
      });
      setResult(found);
      useCanvas.setState({ path: found.path.map((step) => step.node) });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <aside className="drawer" aria-label="Simulate a call" onKeyDown={(e) => e.key === "Escape" && close()}>
      <div className="drawer-head">
        <Text fw={600} flex={1}>Simulate a call</Text>
        <ActionIcon aria-label="Close the simulator" onClick={close}><IconX size={18} /></ActionIcon>
      </div>
      <div className="drawer-body">
        <Stack gap="sm">
          <Select label="Number called" data={[...new Set(numbers)]} value={number} onChange={setNumber} placeholder={numbers.length ? "Choose a number" : "This flow has no number yet"} allowDeselect={false} />
          <TextInput label="Caller's number" value={caller} onChange={(e) => setCaller(e.target.value)} inputMode="tel" />
          <TextInput label="When" description="Empty: now" type="datetime-local" value={at} onChange={(e) => setAt(e.target.value)} />
          {users.map(({ extension, name }) => (
            <Select key={extension} size="xs" label={`${name} (${extension})`} value={answers[extension] ?? "no_answer"} allowDeselect={false} data={ANSWERS} onChange={(next) => setAnswers({ ...answers, [extension]: next ?? "no_answer" })} />
          ))}
          <TextInput label="Keys the caller presses" description="In menus, one after the other" value={keys} onChange={(e) => setKeys(e.target.value)} placeholder="1 2 #" />
          <Group><Button onClick={() => void run()} loading={busy} disabled={!number}>Simulate</Button></Group>
          {error !== null && <ErrorState error={error} />}
          {result && <Result key={etag} result={result} />}
        </Stack>
      </div>
    </aside>
  );
}

function Result({ result }: { result: Simulation }) {
  const titles = new Map((useEvents().data ?? []).map((event) => [event.type as string, event.title]));
  return (
    <div data-testid="simulated">
      <Text fw={600}>The way</Text>
      <ol style={{ margin: "4px 0 12px", paddingLeft: 20 }}>
        {result.path.map((step, index) => (
          <li key={index}>
            <Text component="span" fz="sm">{step.name}</Text> <Text component="span" fz="xs" c="dimmed" className="num">after {step.at.toFixed(1)} s{step.output && `, on by ${step.output.replaceAll("_", " ")}`}</Text>
          </li>
        ))}
      </ol>
      <Group gap="xs" mb={6}><Text fw={600}>Webhooks</Text><Badge variant="light" color="gray">{result.events.length}</Badge></Group>
      <Stack gap={4}>
        {result.events.map((event, index) => (
          <details key={index}>
            <summary style={{ cursor: "pointer" }}><Text component="span" fz="sm">{titles.get(event.type) ?? event.type}</Text></summary>
            <Code label={event.type} text={JSON.stringify(event.body, null, 2)} />
          </details>
        ))}
      </Stack>
    </div>
  );
}
