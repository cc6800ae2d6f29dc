import { Button, Group, Table, Tabs, Text, TextInput } from "@mantine/core";
import { IconMailbox, IconPlus, IconSearch, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import { useAllowed } from "../../api/auth";
import type { Doc } from "../../api/types";
import { DraftAwaited } from "../../draft/Drafted";
import { edit, useDraft } from "../../draft/store";
import { useOpened } from "../../draft/useOpened";
import { findingsAt } from "../../forms/schema";
import { sipPassword } from "../../forms/secrets";
import { Page } from "../../shared/Page";
import { Empty } from "../../shared/States";
import { EntryDrawer } from "../settings/EntryDrawer";
import { ClickToCall } from "./ClickToCall";
import { USER_HINTS } from "./hints";
import { Provisioning } from "./Provisioning";
import { UserState, useUserStates } from "./states";

const AT_ONCE = 100;
/** With more users than fit on a screen, they can be searched. */
const MANY = 12;

export function UsersPage() {
  const document = useDraft((state) => state.document);
  const findings = useDraft((state) => state.findings);
  const told = useUserStates();
  const states = new Map((told.data ?? []).map((user) => [user.extension, user]));
  const allowed = useAllowed("operator");
  const [wanted, setWanted] = useState("");
  const [shown, show] = useState(AT_ONCE);
  const { opened, open, close } = useOpened();
  if (!document) return <Page title="Users & phones"><DraftAwaited /></Page>;
  const users = document.users ?? [];
  const boxes = document.mailboxes ?? [];
  const add = (section: "users" | "mailboxes") => {
    edit((draft) => (section === "users" ? addUser(draft) : addBox(draft)));
    open(section, (document[section] ?? []).length);
  };
  const found = users.map((user, index) => ({ user, index })).filter(({ user }) => `${user.name} ${user.extension}`.toLowerCase().includes(wanted.trim().toLowerCase()));
  const wrong = (section: string, index: number) => findingsAt(findings, [section, index]).length;
  return (
    <div className="surface" style={{ minHeight: "100%" }}>
      <Page title="Users & phones" about="People with an extension, their phones, and voicemail boxes.">
        <Tabs defaultValue="users" keepMounted={false}>
          <Group justify="space-between" mb="sm">
            <Tabs.List>
              <Tabs.Tab value="users">Users ({users.length})</Tabs.Tab>
              <Tabs.Tab value="mailboxes">Mailboxes ({boxes.length})</Tabs.Tab>
            </Tabs.List>
            <span style={{ flex: 1 }} />
            {users.length > MANY && <TextInput aria-label="Find a user" placeholder="Name or extension" leftSection={<IconSearch size={14} />} value={wanted} onChange={(e) => setWanted(e.target.value)} w={200} />}
            {allowed && (
              <Group gap="xs">
                <Button leftSection={<IconUserPlus size={15} />} onClick={() => add("users")}>Add user</Button>
                <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => add("mailboxes")}>Add mailbox</Button>
              </Group>
            )}
          </Group>
          <Tabs.Panel value="users">
            <div className="panel table-scroll">
              {users.length === 0 ? <Empty icon={IconUsers} title="No users yet">A user is a person with an extension and any number of phones.</Empty> : (
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Extension</Table.Th><Table.Th>State</Table.Th><Table.Th>Phones</Table.Th><Table.Th /></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {found.slice(0, shown).map(({ user, index }) => (
                      <Table.Tr key={index} className="row-link" onClick={() => open("users", index)}>
                        <Table.Td><Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{user.name || "Unnamed"}</Button>{wrong("users", index) > 0 && <Text component="span" c="red" fz="xs"> {wrong("users", index)} to mend</Text>}</Table.Td>
                        <Table.Td className="num">{user.extension}</Table.Td>
                        <Table.Td><UserState user={states.get(user.extension)} told={told.data !== undefined} /></Table.Td>
                        <Table.Td>{(user.devices ?? []).map((device) => <Phone key={device.username} name={device.username} online={states.get(user.extension)?.devices.find((one) => one.username === device.username)?.registered} />)}</Table.Td>
                        <Table.Td ta="right" onClick={(e) => e.stopPropagation()}>{(user.devices ?? []).length > 0 && <Group gap={6} justify="flex-end" wrap="nowrap">{states.has(user.extension) && <ClickToCall compact from={user.extension} />}<Provisioning user={user} live={states.has(user.extension)} /></Group>}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              )}
              {users.length > 0 && found.length === 0 && <Empty icon={IconUsers} title="No such user" />}
            </div>
            {found.length > shown && <Group justify="center" mt="sm"><Button variant="default" onClick={() => show(shown + AT_ONCE)}>Show more</Button><Text c="dimmed" fz="xs">{shown} of {found.length}</Text></Group>}
          </Tabs.Panel>
          <Tabs.Panel value="mailboxes">
            <div className="panel table-scroll">
              {boxes.length === 0 ? <Empty icon={IconMailbox} title="No mailboxes yet">A Voicemail object keeps its messages in a mailbox.</Empty> : (
                <Table>
                  <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Box</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {boxes.map((box, index) => (
                      <Table.Tr key={index} className="row-link" onClick={() => open("mailboxes", index)}>
                        <Table.Td><Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{box.name}</Button></Table.Td>
                        <Table.Td className="num">{box.box}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              )}
            </div>
          </Tabs.Panel>
        </Tabs>
      </Page>
      {opened && <EntryDrawer key={opened.nth} section={opened.section} index={opened.index} hints={opened.section === "users" ? USER_HINTS : {}} close={close} />}
    </div>
  );
}

function Phone({ name, online }: { name: string; online: boolean | undefined }) {
  return (
    <Group gap={6} wrap="nowrap">
      <span className="dot" style={{ background: online ? "var(--mantine-color-green-6)" : "var(--mantine-color-gray-5)" }} role="img" aria-label={online ? "Registered" : "Not registered"} />
      <span className="mono">{name}</span>
    </Group>
  );
}

function addUser(draft: Doc): void {
  const taken = new Set((draft.users ?? []).map((user) => user.extension));
  let extension = 1001;
  while (taken.has(String(extension))) extension += 1;
  draft.users = [...(draft.users ?? []), { name: `User ${extension}`, extension: String(extension), devices: [{ username: String(extension), password: sipPassword() }] }];
}

function addBox(draft: Doc): void {
  const taken = new Set((draft.mailboxes ?? []).map(({ box }) => box));
  const free = (draft.users ?? []).find((user) => !taken.has(user.extension));
  let box = free?.extension ?? "500";
  while (taken.has(box)) box = String(Number(box) + 1);
  const pin = String(crypto.getRandomValues(new Uint32Array(1))[0]! % 9000 + 1000);
  draft.mailboxes = [...(draft.mailboxes ?? []), { box, name: free?.name ?? `Box ${box}`, pin }];
}
