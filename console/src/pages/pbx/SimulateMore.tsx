import { ActionIcon, Button, Group, MultiSelect, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Doc, Flow } from "../../api/types";
import { userName } from "../../nodes/face";
import { choosing, type Forward, membersOf, overridden, type Wish } from "./simulating";

type Props = { document: Doc; flow: Flow | undefined; wish: Wish; set: (change: Partial<Wish>) => void };

const WHEN = [
  { value: "always", label: "Always" },
  { value: "busy", label: "When busy" },
  { value: "no_answer", label: "When not answered" },
];
const SET = [
  { value: "", label: "By the clock" },
  { value: "matches", label: "Matches" },
  { value: "doesnt_match", label: "Doesn't match" },
];

/** What few simulations need: what phones set by code, trunks that are away, who comes first. */
export function SimulateMore({ document, flow, wish, set }: Props) {
  const trunks = ((document.trunks as { name: string }[] | undefined) ?? []).map(({ name }) => name);
  const override = (id: string, output: string) =>
    set({ overrides: Object.fromEntries(Object.entries({ ...wish.overrides, [id]: output }).filter(([, value]) => value)) });
  return (
    <Stack gap="sm">
      <TextInput size="xs" label="Caller's name" value={wish.callerName} onChange={(e) => set({ callerName: e.target.value })} />
      <Group grow align="flex-end">
        <NumberInput size="xs" label="Caller hangs up after" description="Seconds of the call" placeholder="By itself" value={wish.hangUp} onChange={(hangUp) => set({ hangUp })} min={0} max={86_400} />
        <NumberInput size="xs" label="Talks for" description="Seconds, then hangs up" placeholder="10" value={wish.talk} onChange={(talk) => set({ talk })} min={0} max={86_400} />
      </Group>
      {overridden(flow).map((object) => (
        <Select key={object.id} size="xs" label={`${object.name}: set by code`} data={SET} value={wish.overrides[object.id] ?? ""} allowDeselect={false} onChange={(next) => override(object.id, next ?? "")} />
      ))}
      {choosing(flow).map((object) => (
        <MultiSelect
          key={object.id} size="xs" label={`${object.name}: whom it begins with`} description="It chooses by chance or by memory; the rest as listed" hidePickedOptions searchable
          data={membersOf(object).map((value) => ({ value, label: userName(document, value) }))} value={wish.orders[object.id] ?? []}
          onChange={(order) => set({ orders: { ...wish.orders, [object.id]: order } })}
        />
      ))}
      {trunks.length > 0 && <MultiSelect size="xs" label="Trunks that take no calls" placeholder={wish.away.length ? "" : "None"} data={trunks} value={wish.away} onChange={(away) => set({ away })} hidePickedOptions searchable />}
      <Forwards document={document} forwards={wish.forwards} change={(forwards) => set({ forwards })} />
    </Stack>
  );
}

function Forwards({ document, forwards, change }: { document: Doc; forwards: Forward[]; change: (forwards: Forward[]) => void }) {
  const users = (document.users ?? []).map(({ extension, name }) => ({ value: extension, label: `${name} (${extension})` }));
  const replace = (index: number, part: Partial<Forward>) => change(forwards.map((one, at) => (at === index ? { ...one, ...part } : one)));
  return (
    <Stack gap={6}>
      <div>
        <Text fw={500} fz="xs">Forwards set by code on a phone</Text>
        <Text c="dimmed" fz="xs">They come before those of the user's settings</Text>
      </div>
      {forwards.map((one, index) => (
        <Group key={index} gap={6} wrap="nowrap">
          <Select size="xs" flex={1} aria-label={`Who forwards ${index + 1}`} placeholder="User" data={users} value={one.user || null} onChange={(user) => replace(index, { user: user ?? "" })} searchable limit={50} />
          <Select size="xs" flex={1} aria-label={`When ${index + 1}`} data={WHEN} value={one.when} allowDeselect={false} onChange={(when) => replace(index, { when: when ?? "always" })} />
          <TextInput size="xs" flex={1} aria-label={`Forwarded to ${index + 1}`} placeholder="To" value={one.target} onChange={(e) => replace(index, { target: e.target.value })} inputMode="tel" />
          <ActionIcon aria-label={`Remove forward ${index + 1}`} onClick={() => change(forwards.filter((_, at) => at !== index))}><IconTrash size={14} /></ActionIcon>
        </Group>
      ))}
      {users.length > 0 && <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={() => change([...forwards, { user: "", when: "always", target: "" }])} style={{ alignSelf: "flex-start" }}>Add forward</Button>}
    </Stack>
  );
}
