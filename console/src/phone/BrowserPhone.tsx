import { ActionIcon, Button, Group, Indicator, Popover, Select, Stack, Text, TextInput, Tooltip } from "@mantine/core";
import { IconArrowForward, IconDialpad, IconMicrophone, IconMicrophoneOff, IconPhone, IconPhoneOff, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";
import { useDraft } from "../draft/store";
import { seconds } from "../shared/Time";
import { answer, dial, hangUp, hold, mute, type PhoneCall, press, switchOff, switchOn, transfer, usePhone } from "./phone";

const COLORS = { off: "gray", connecting: "yellow", online: "green", lost: "orange" } as const;
const SAID = { off: "Off", connecting: "Connecting…", online: "Ready", lost: "Connection lost, trying again" };
const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** A phone in the page, so that a first call needs nothing else. */
export function BrowserPhone() {
  const { state, call, error, account } = usePhone();
  const [opened, setOpened] = useState(false);
  const isOpen = opened || call?.state === "ringing";
  return (
    <Popover opened={isOpen} onChange={setOpened} position="bottom-end" width={268} shadow="md" trapFocus={false} closeOnClickOutside={!call}>
      <Popover.Target>
        <Tooltip label={`Browser phone: ${SAID[state]}`} disabled={isOpen}>
          <Indicator color={call ? "red" : COLORS[state]} size={9} offset={6} processing={call?.state === "ringing"} disabled={state === "off"}>
            <ActionIcon size="lg" aria-label={`Browser phone: ${SAID[state]}`} aria-expanded={isOpen} onClick={() => setOpened(!opened)}>
              <IconPhone size={19} stroke={1.7} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Browser phone">
        <Stack gap="sm" data-testid="phone">
          <Group justify="space-between">
            <Text fw={600}>{account ? `${account.name} (${account.extension})` : "Browser phone"}</Text>
            <Text fz="xs" c="dimmed" role="status">{SAID[state]}</Text>
          </Group>
          {error && <Text c="red" fz="xs" role="alert">{error}</Text>}
          {state === "off" ? (
            <>
              <Text c="dimmed" fz="sm">Registers a browser phone of a live user and takes its calls here.</Text>
              <Owner />
            </>
          ) : call ? (
            <InCall call={call} />
          ) : (
            <>
              <Dialler disabled={state !== "online"} />
              <Button variant="subtle" color="gray" size="xs" onClick={() => void switchOff()}>Switch off</Button>
            </>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Whose phone it is: users who have a browser phone. */
function Owner() {
  const users = (useDraft((state) => state.document?.users) ?? []).filter((user) => user.devices?.some((device) => device.kind === "browser"));
  const [chosen, choose] = useState<string | null>(null);
  const extension = chosen ?? users[0]?.extension;
  if (!extension) return <Text fz="sm">No user has one: add a phone of kind “Browser phone” to a user, and apply.</Text>;
  return (
    <>
      {users.length > 1 && <Select aria-label="Whose phone" data={users.map((user) => ({ value: user.extension, label: `${user.name} (${user.extension})` }))} value={extension} onChange={choose} allowDeselect={false} comboboxProps={{ withinPortal: false }} />}
      <Button onClick={() => void switchOn(extension)}>Switch on</Button>
    </>
  );
}

function Dialler({ disabled }: { disabled: boolean }) {
  const [number, setNumber] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void dial(number);
  };
  return (
    <form onSubmit={submit}>
      <TextInput aria-label="Number to call" placeholder="Extension or number" value={number} onChange={(e) => setNumber(e.target.value)} inputMode="tel" mb="xs" />
      <Pad press={(key) => setNumber(number + key)} />
      <Button type="submit" fullWidth mt="xs" color="green.9" leftSection={<IconPhone size={16} />} disabled={disabled || !number}>Call</Button>
    </form>
  );
}

function Pad({ press: type }: { press: (key: string) => void }) {
  return (
    <div style={{ display: "grid", gridTemplateColumns: "repeat(3, 1fr)", gap: 4 }}>
      {KEYS.map((key) => <Button key={key} variant="default" size="sm" onClick={() => type(key)} aria-label={`Key ${key}`} type="button">{key}</Button>)}
    </div>
  );
}

function InCall({ call }: { call: PhoneCall }) {
  const [panel, setPanel] = useState<"" | "pad" | "transfer">("");
  const [target, setTarget] = useState("");
  if (call.state === "ringing") {
    return (
      <Stack gap="sm" ta="center">
        <div><Text fz="lg" fw={600}>{call.other}</Text><Text c="dimmed" fz="xs" role="status">calls you</Text></div>
        <Group grow>
          <Button color="green.9" onClick={() => void answer()} leftSection={<IconPhone size={16} />}>Answer</Button>
          <Button color="red.9" onClick={() => void hangUp()} leftSection={<IconPhoneOff size={16} />}>Decline</Button>
        </Group>
      </Stack>
    );
  }
  const isUp = call.state !== "dialling";
  return (
    <Stack gap="sm" ta="center">
      <div>
        <Text fz="lg" fw={600}>{call.other}</Text>
        <Text c="dimmed" fz="xs" role="status">{call.state === "dialling" ? "Calling…" : call.state === "held" ? "On hold" : <>Talking <Clock since={call.since} /></>}</Text>
      </div>
      <Group justify="center" gap="xs">
        <Tooltip label={call.muted ? "Unmute" : "Mute"}><ActionIcon size="xl" variant="default" disabled={!isUp} aria-label={call.muted ? "Unmute" : "Mute"} aria-pressed={call.muted} onClick={() => void mute()}>{call.muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />}</ActionIcon></Tooltip>
        <Tooltip label={call.state === "held" ? "Resume" : "Hold"}><ActionIcon size="xl" variant="default" disabled={!isUp} aria-label={call.state === "held" ? "Resume" : "Hold"} onClick={() => void hold()}>{call.state === "held" ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />}</ActionIcon></Tooltip>
        <Tooltip label="Keys"><ActionIcon size="xl" variant="default" disabled={!isUp} aria-label="Keys" aria-expanded={panel === "pad"} onClick={() => setPanel(panel === "pad" ? "" : "pad")}><IconDialpad size={18} /></ActionIcon></Tooltip>
        <Tooltip label="Transfer"><ActionIcon size="xl" variant="default" disabled={!isUp} aria-label="Transfer" aria-expanded={panel === "transfer"} onClick={() => setPanel(panel === "transfer" ? "" : "transfer")}><IconArrowForward size={18} /></ActionIcon></Tooltip>
      </Group>
      {panel === "pad" && <Pad press={(key) => void press(key)} />}
      {panel === "transfer" && (
        <Group wrap="nowrap" gap="xs">
          <TextInput flex={1} aria-label="Transfer to" placeholder="Extension" value={target} onChange={(e) => setTarget(e.target.value)} inputMode="tel" />
          <Button variant="default" onClick={() => void transfer(target)} disabled={!target}>Transfer</Button>
        </Group>
      )}
      <Button color="red.9" onClick={() => void hangUp()} leftSection={<IconPhoneOff size={16} />}>Hang up</Button>
    </Stack>
  );
}

function Clock({ since }: { since: number }) {
  const [now, setNow] = useState(since);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span className="num">{seconds((now - since) / 1000)}</span>;
}
