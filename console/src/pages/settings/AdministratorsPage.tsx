import { Badge, Button, Group, PasswordInput, Select, Stack, Table, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Role } from "../../api/auth";
import { get, patch, post, remove } from "../../api/client";
import type { Administrator, Page as PageOf } from "../../api/types";
import { ConfirmButton } from "../../shared/ConfirmButton";
import { Page } from "../../shared/Page";
import { ErrorState, Loaded } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";
import { ROLES } from "../integration/roles";
import { Dialog } from "../../shared/Dialog";

export function AdministratorsPage() {
  const found = useQuery({ queryKey: ["administrators"], queryFn: () => get<PageOf<Administrator>>("/api/administrators") });
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const { busy, error, run } = useDeed();
  const attempt = (act: () => Promise<unknown>) =>
    run(async () => {
      try {
        await act();
      } finally {
        await queries.invalidateQueries({ queryKey: ["administrators"] });
      }
    });
  return (
    <Page title="Administrators" about="Who may sign in here, and what they may do." actions={<Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>Add administrator</Button>}>
      {error !== null && <ErrorState error={error} />}
      <div className="panel table-scroll">
        <Loaded query={found} rows={2}>
          {({ items }) => (
            <Table>
              <Table.Thead><Table.Tr><Table.Th>Name</Table.Th><Table.Th>Role</Table.Th><Table.Th>Second factor</Table.Th><Table.Th>Last sign-in</Table.Th><Table.Th /></Table.Tr></Table.Thead>
              <Table.Tbody>
                {items.map((one) => (
                  <Table.Tr key={one.name}>
                    <Table.Td fw={500}>{one.name} {one.disabled && <Badge size="xs" color="red" variant="light">disabled</Badge>}</Table.Td>
                    <Table.Td><Select size="xs" w={150} aria-label={`Role of ${one.name}`} data={ROLES} value={one.role} allowDeselect={false} disabled={busy} onChange={(role) => void attempt(() => patch(`/api/administrators/${encodeURIComponent(one.name)}`, { role }))} /></Table.Td>
                    <Table.Td>{one.totp ? <Group gap={4}><Badge variant="light" color="green">on</Badge><Button size="compact-xs" variant="subtle" disabled={busy} onClick={() => void attempt(() => patch(`/api/administrators/${encodeURIComponent(one.name)}`, { totp: false }))}>Take away</Button></Group> : "off"}</Table.Td>
                    <Table.Td><Time at={one.last_login_at} /></Table.Td>
                    <Table.Td ta="right">
                      <Button size="xs" variant="subtle" disabled={busy} onClick={() => void attempt(() => patch(`/api/administrators/${encodeURIComponent(one.name)}`, { disabled: !one.disabled }))}>{one.disabled ? "Enable" : "Disable"}</Button>
                      <ConfirmButton size="xs" variant="subtle" color="red" question={`${one.name} can sign in no more, and every session of theirs ends.`} confirm="Delete administrator" onConfirm={() => void attempt(() => remove(`/api/administrators/${encodeURIComponent(one.name)}`))}>Delete</ConfirmButton>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Loaded>
      </div>
      {adding && <NewAdministrator close={() => setAdding(false)} />}
    </Page>
  );
}

function NewAdministrator({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useDeed();
  const queries = useQueryClient();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await run(() => post("/api/administrators", { name, role, password })))) return;
    await queries.invalidateQueries({ queryKey: ["administrators"] });
    close();
  };
  return (
    <Dialog onClose={close} busy={busy} title="Add administrator">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          {error !== null && <ErrorState error={error} />}
          <TextInput label="Name" value={name} onChange={(e) => setName(e.target.value)} required data-autofocus autoComplete="off" />
          <Select label="Role" data={ROLES} value={role} onChange={(value) => setRole(value as Role)} allowDeselect={false} />
          <PasswordInput label="Password" description="At least 12 characters" value={password} onChange={(e) => setPassword(e.target.value)} required autoComplete="new-password" />
          <Group justify="flex-end"><Button type="submit" loading={busy}>Add</Button></Group>
        </Stack>
      </form>
    </Dialog>
  );
}
