import { Anchor, Badge, Button, Group, Select, Stack, Table, TagsInput, Text, TextInput, Title } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type Role, useAllowed } from "../../api/auth";
import { get, post, remove } from "../../api/client";
import type { Page as PageOf, Token } from "../../api/types";
import { ConfirmButton } from "../../shared/ConfirmButton";
import { Code, Copy } from "../../shared/Copy";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";
import { ApiReference } from "./ApiReference";
import { ROLES } from "./roles";
import { Dialog } from "../../shared/Dialog";

export function ApiPage() {
  const administers = useAllowed("administrator");
  return (
    <Page title="API" about={<>Everything this console does can be done over HTTP. <Anchor href="/api/openapi.json" target="_blank" rel="noreferrer">OpenAPI document</Anchor></>}>
      {administers && <Tokens />}
      <section className="panel" style={{ padding: 16, marginTop: 16 }}>
        <Title order={2} mb={6}>Examples</Title>
        <Code label="example" text={`curl -H "Authorization: Bearer hsk_..." ${window.location.origin}/api/calls?limit=10\ncurl -H "Authorization: Bearer hsk_..." "${window.location.origin}/api/deliveries?state=failed"`} />
      </section>
      <ApiReference />
    </Page>
  );
}

function Tokens() {
  const tokens = useQuery({ queryKey: ["tokens"], queryFn: () => get<PageOf<Token>>("/api/tokens") });
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const { error, run } = useDeed();
  const revoke = async (id: string) => {
    await remove(`/api/tokens/${id}`);
    await queries.invalidateQueries({ queryKey: ["tokens"] });
  };
  return (
    <section className="panel">
      <Group justify="space-between" p="md" pb="xs">
        <Title order={2}>Keys</Title>
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>New key</Button>
      </Group>
      {error !== null && <ErrorState error={error} />}
      <div className="table-scroll">
        <Loaded query={tokens} rows={3}>
          {({ items }) => items.length === 0 ? <Empty icon={IconKey} title="No keys yet">A key lets a program use the API, with a role and only from the addresses you allow.</Empty> : (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Role</Table.Th><Table.Th>Allowed addresses</Table.Th><Table.Th>Made</Table.Th><Table.Th>Last used</Table.Th><Table.Th /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {items.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td fw={500}>{one.name}</Table.Td>
                    <Table.Td><Badge variant="light" color="gray">{one.role.replace("_", " ")}</Badge></Table.Td>
                    <Table.Td className="mono">{one.addresses.join(", ") || "anywhere"}</Table.Td>
                    <Table.Td><Time at={one.created_at} /> by {one.created_by}</Table.Td>
                    <Table.Td><Time at={one.used_at} /> {one.used_from}</Table.Td>
                    <Table.Td ta="right"><ConfirmButton size="xs" variant="subtle" color="red" question={`Whoever uses ${one.name} is refused from now on.`} confirm="Revoke key" onConfirm={() => void run(() => revoke(one.id))}>Revoke</ConfirmButton></Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
      {adding && <NewToken close={() => setAdding(false)} />}
    </section>
  );
}

function NewToken({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("read_only");
  const [addresses, setAddresses] = useState<string[]>([]);
  const [made, setMade] = useState("");
  const { busy, error, run } = useDeed();
  const queries = useQueryClient();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      setMade((await post<{ token: string }>("/api/tokens", { name, role, addresses })).token);
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    });
  };
  return (
    <Dialog onClose={close} busy={busy} title={made ? "Copy the key now" : "New key"}>
      {made ? (
        <Stack gap="sm">
          <Text>It is shown this once; only its hash is kept.</Text>
          <Group gap="xs" wrap="nowrap"><TextInput value={made} readOnly flex={1} aria-label="Key" className="mono" /><Copy value={made} label="Copy key" /></Group>
          <Group justify="flex-end"><Button onClick={close}>Done</Button></Group>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap="sm">
            {error !== null && <ErrorState error={error} />}
            <TextInput label="Name" description="Of the program that uses it" value={name} onChange={(e) => setName(e.target.value)} required data-autofocus />
            <Select label="Role" data={ROLES} value={role} onChange={(value) => setRole(value as Role)} allowDeselect={false} />
            <TagsInput label="Allowed addresses" description="Empty: from anywhere" placeholder="192.168.1.0/24" value={addresses} onChange={setAddresses} acceptValueOnBlur />
            <Group justify="flex-end"><Button type="submit" loading={busy}>Make key</Button></Group>
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
