import { Accordion, ActionIcon, Autocomplete, Badge, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useReactFlow } from "@xyflow/react";
import { useEffect, useRef, useState } from "react";
import { useEvents } from "../../api/catalogue";
import { post } from "../../api/client";
import type { Doc, Flow, Simulation } from "../../api/types";
import { useCanvas } from "../../canvas/view";
import { saved, useDraft } from "../../draft/store";
import { Code } from "../../shared/Copy";
import { numbersOf } from "../../nodes/face";
import { ErrorState } from "../../shared/States";
import { SimulateMore } from "./SimulateMore";
import { SimulatePeople } from "./SimulatePeople";
import { asked, calledBesides, fresh, outputsOf, waiting } from "./simulating";
import { onEscape } from "../../shared/keys";

/** Pixels of the canvas that the panel covers. */
const COVERED = 396;

/** Walk the draft without a call: the path lights up, the exact events are listed. */
export function SimulatePanel({ document, flow, hidden, close }: { document: Doc; flow: Flow | undefined; hidden: boolean; close: () => void }) {
  const numbers = numbersOf(flow);
  const [wish, setWish] = useState(() => fresh(numbers[0] ?? ""));
  const [result, setResult] = useState<Simulation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const etag = useDraft((state) => state.etag);
  const { fitView } = useReactFlow();
  const set = (change: Partial<typeof wish>) => setWish((old) => ({ ...old, ...change }));
  const isOpen = useRef(true);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
      useCanvas.setState({ path: [], ways: [] });
    };
  }, []);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await saved();
      const found = await post<Simulation>("/api/simulate", asked(wish));
      if (!isOpen.current) return; // closed meanwhile: nobody would put the lights out
      setResult(found);
      useCanvas.setState({ path: found.path.map((step) => step.node), ways: found.path.map((step) => `${step.node}.${step.output}`) });
      void fitView({ nodes: found.path.map((step) => ({ id: step.node })), padding: { right: `${COVERED}px`, left: "24px", top: "24px", bottom: "24px" }, maxZoom: 1, duration: 250 });
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <aside className="drawer" aria-label="Simulate a call" hidden={hidden} onKeyDown={onEscape(close)}>
      <div className="drawer-head">
        <Text fw={600} flex={1}>Simulate a call</Text>
        <ActionIcon aria-label="Close the simulator" onClick={close}><IconX size={18} /></ActionIcon>
      </div>
      <div className="drawer-body">
        <Stack gap="sm">
          <Autocomplete label="Number called" data={numbers} value={wish.number} onChange={(number) => set({ number })} placeholder={numbers.length ? "Choose or type a number" : "This flow has no number yet"} inputMode="tel" />
          <TextInput label="Caller's number" description="A user's extension is that user's phone" value={wish.caller} onChange={(e) => set({ caller: e.target.value })} inputMode="tel" />
          <TextInput label="When" description="Empty: now" type="datetime-local" value={wish.at} onChange={(e) => set({ at: e.target.value })} />
          <SimulatePeople document={document} flow={flow} also={calledBesides(wish, numbers)} answers={wish.answers} change={(answers) => set({ answers })} />
          {waiting(flow).map((object) => (
            <Select key={object.id} size="xs" label={`${object.name}: its receiver's answer`} value={wish.webhooks[object.id] ?? "success"} allowDeselect={false} data={outputsOf(object).map((value) => ({ value, label: worded(value) }))} onChange={(next) => set({ webhooks: { ...wish.webhooks, [object.id]: next ?? "success" } })} />
          ))}
          <TextInput label="Keys the caller presses" description="In menus, one after the other" value={wish.keys} onChange={(e) => set({ keys: e.target.value })} placeholder="1 2 #" />
          <Accordion variant="default" chevronPosition="left" styles={{ label: { fontSize: "0.8125rem", fontWeight: 500, paddingBlock: 6 }, control: { paddingInline: 0 }, content: { paddingInline: 0 }, item: { borderBottom: 0 } }}>
            <Accordion.Item value="more">
              <Accordion.Control>More of this call</Accordion.Control>
              <Accordion.Panel><SimulateMore document={document} flow={flow} wish={wish} set={set} /></Accordion.Panel>
            </Accordion.Item>
          </Accordion>
          <Group><Button onClick={() => void run()} loading={busy} disabled={!wish.number.trim()}>Simulate</Button></Group>
          {error !== null && <ErrorState error={error} />}
          {result && <Result key={etag} result={result} />}
        </Stack>
      </div>
    </aside>
  );
}

export const worded = (output: string) => (output.charAt(0).toUpperCase() + output.slice(1)).replaceAll("_", " ");

function Result({ result }: { result: Simulation }) {
  const titles = new Map((useEvents().data ?? []).map((event) => [event.type as string, event.title]));
  return (
    <div data-testid="simulated">
      <Text fw={600}>The way</Text>
      {result.blocked && <Text fz="sm" mt={4} mb={12}>Declined at once: the caller is one of the blocked callers.</Text>}
      <ol style={{ margin: "4px 0 12px", paddingLeft: 20 }}>
        {result.path.map((step, index) => (
          <li key={index}>
            <Text component="span" fz="sm">{step.name}</Text> <Text component="span" fz="xs" c="dimmed" className="num">after {step.at.toFixed(1)} s{step.output && `, on by ${step.output.replaceAll("_", " ")}`}</Text>
          </li>
        ))}
      </ol>
      <Text fz="xs" c="dimmed" className="num" mb={12}>The call is over after {result.duration.toFixed(1)} s.</Text>
      <Group gap="xs" mb={6}><Text fw={600}>Webhooks</Text><Badge variant="light" color="gray">{result.events.length}</Badge></Group>
      {result.events.length === 0 && <Text fz="sm" c="dimmed">None: no user was rung, and no object of the way gives one.</Text>}
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
