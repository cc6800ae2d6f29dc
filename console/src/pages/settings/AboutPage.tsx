import { Badge, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useAllowed, useAuth } from "../../api/auth";
import { get } from "../../api/client";
import type { Health, Page as PageOf, SettingValue } from "../../api/types";
import { labelOf } from "../../forms/schema";
import { Page } from "../../shared/Page";
import { Loaded } from "../../shared/States";

export function AboutPage() {
  const version = useAuth((state) => state.session?.version);
  const administers = useAllowed("administrator");
  const about = useQuery({ queryKey: ["about"], queryFn: () => get<Record<string, unknown>>("/api/about") });
  const health = useQuery({ queryKey: ["health"], queryFn: () => get<Health>("/api/health"), refetchInterval: 5000 });
  return (
    <Page title="About" about={`Hookswitch ${version ?? ""}`}>
      <Stack gap="md" maw={760}>
        <section className="panel" style={{ padding: 16 }}>
          <Title order={2} mb="sm">Health</Title>
          <Loaded query={health} rows={3}>
            {({ parts }) => (
              <Stack gap={6}>
                {Object.entries(parts).map(([name, state]) => (
                  <Group key={name} justify="space-between"><Text>{labelOf(name)}</Text><Badge variant="light" color={state === "ok" ? "green" : "red"}>{state}</Badge></Group>
                ))}
              </Stack>
            )}
          </Loaded>
        </section>
        {administers && <Settings />}
        <section className="panel table-scroll">
          <Title order={2} p="md" pb={4}>This installation</Title>
          <Loaded query={about} rows={6}>
            {(facts) => (
              <Table><Table.Tbody>
                {Object.entries(flat(facts)).map(([name, value]) => <Table.Tr key={name}><Table.Td w={240}>{labelOf(name)}</Table.Td><Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>{value}</Table.Td></Table.Tr>)}
              </Table.Tbody></Table>
            )}
          </Loaded>
        </section>
      </Stack>
    </Page>
  );
}

function Settings() {
  const settings = useQuery({ queryKey: ["settings"], queryFn: () => get<PageOf<SettingValue>>("/api/settings") });
  return (
    <section className="panel table-scroll">
      <Title order={2} p="md" pb={4}>Settings of the process</Title>
      <Loaded query={settings} rows={6}>
        {({ items }) => (
          <Table>
            <Table.Thead><Table.Tr><Table.Th>Setting</Table.Th><Table.Th>Value</Table.Th><Table.Th>From</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {items.map((one) => <Table.Tr key={one.name}><Table.Td>{labelOf(one.name)}</Table.Td><Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>{Array.isArray(one.value) ? one.value.join(", ") : String(one.value ?? "–")}</Table.Td><Table.Td>{one.source}</Table.Td></Table.Tr>)}
            </Table.Tbody>
          </Table>
        )}
      </Loaded>
    </section>
  );
}

function flat(value: Record<string, unknown>, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      one !== null && typeof one === "object" && !Array.isArray(one)
        ? Object.entries(flat(one as Record<string, unknown>, `${prefix}${name} `))
        : [[`${prefix}${name}`, Array.isArray(one) ? one.map((part) => (typeof part === "object" ? JSON.stringify(part) : String(part))).join(", ") : String(one ?? "–")]],
    ),
  );
}
