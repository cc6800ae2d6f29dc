import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { post } from "../../api/client";
import type { Flow } from "../../api/types";
import { useCanvas } from "../../canvas/view";
import { saved, useDraft } from "../../draft/store";
import { Code } from "../../shared/Copy";
import { ErrorState } from "../../shared/States";

type Step = string | { object?: string; id?: string; name?: string; output?: string; text?: string };
type Result = { path: Step[]; events: { type: string; body?: unknown }[] };
type Answer = "answer" | "no_answer" | "busy" | "offline" | "reject";

const idOf = (step: Step) => (typeof step === "string" ? step : (step.object ?? step.id ?? ""));

/** Walk the draft without a call: the path lights up, the exact events are listed. */
export function SimulatePanel({ flow, close }: { flow: Flow | undefined; close: () => void }) {
  const numbers = (flow?.objects ?? []).filter((object) => object.kind === "number").flatMap((object) => (object.numbers as string[]) ?? []);
  const users = useDraft((state) => state.document?.users) ?? [];
  const [number, setNumber] = useState<string | null>(numbers[0] ?? null);
  const [caller, setCaller] = useState("61400000001");
  const [at, setAt] = useState("");
  const [answers, setAnswers] = useState<Record<string, Answer>>({});
  const [result, setResult] = useState<Result | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => () => useCanvas.setState({ path: [] }), []);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await saved();
      const given = Object.fromEntries(users.map(({ extension }) => [extension, { action: answers[extension] ?? "no_answer", after: 3 }]));
      const found = await post<Result>("/api/simulate", { flow: flow?.name, number, caller, caller_name: "Jane Citizen", ...(at && { at: new Date(at).toISOString() }), answers: given });
      setResult(found);
      useCanvas.setState({ path: found.path.map(idOf) });
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
          <Select label="Number called" data={numbers} value={number} onChange={setNumber} placeholder="This flow has no number yet" />
          <TextInput label="Caller's number" value={caller} onChange={(e) => setCaller(e.target.value)} inputMode="tel" />
          <TextInput label="When" description="Empty: now" type="datetime-local" value={at} onChange={(e) => setAt(e.target.value)} />
          {users.map(({ extension, name }) => (
            <Select key={extension} size="xs" label={`${name} (${extension})`} value={answers[extension] ?? "no_answer"} allowDeselect={false}
              data={[{ value: "answer", label: "Answers" }, { value: "no_answer", label: "Does not answer" }, { value: "busy", label: "Is busy" }, { value: "offline", label: "Has no phone online" }]}
              onChange={(next) => setAnswers({ ...answers, [extension]: next as Answer })} />
          ))}
          <Group><Button onClick={() => void run()} loading={busy} disabled={!number}>Simulate</Button></Group>
          {error !== null && <ErrorState error={error} />}
          {result && (
            <>
              <Text fw={600}>{result.events.length} webhooks</Text>
              {result.events.map((event, index) => <Code key={index} label={event.type} text={JSON.stringify(event.body ?? event, null, 2)} />)}
            </>
          )}
        </Stack>
      </div>
    </aside>
  );
}
