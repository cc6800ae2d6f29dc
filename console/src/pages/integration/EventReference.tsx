import { Group, Select, SimpleGrid, Table, Tabs, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { EventKind } from "../../api/types";
import { Code } from "../../shared/Copy";
import { RECEIVERS } from "./receivers";

/** What an event holds, and receivers to copy that verify its token and signature. */
export function EventReference({ events }: { events: EventKind[] }) {
  const [type, setType] = useState(events[0]?.type ?? "");
  const event = events.find((one) => one.type === type) ?? events[0];
  if (!event) return null;
  const sample = JSON.stringify(event.sample, null, 2);
  return (
    <section className="panel" style={{ padding: 16, marginTop: 20 }} aria-labelledby="what-is-sent">
      <Group justify="space-between" mb="sm">
        <Title order={2} id="what-is-sent">What is sent</Title>
        <Select aria-label="Trigger" data={events.map((one) => ({ value: one.type, label: one.title }))} value={event.type} onChange={(value) => setType(value ?? type)} allowDeselect={false} w={280} searchable maxDropdownHeight={360} />
      </Group>
      <Text c="dimmed" mb="sm">{event.summary}</Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Code label="sample" text={sample} />
        <div className="table-scroll" style={{ maxHeight: 460, overflow: "auto" }} tabIndex={0} aria-label="Variables" role="region">
          <Table verticalSpacing={5}>
            <Table.Thead><Table.Tr><Table.Th>Variable</Table.Th><Table.Th>Type</Table.Th><Table.Th>Meaning</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {event.variables.map((variable) => (
                <Table.Tr key={variable.name}>
                  <Table.Td className="mono">{variable.name}</Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}>{variable.type}</Table.Td>
                  <Table.Td>{variable.meaning}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </SimpleGrid>
      <Title order={3} mt="lg" mb={6}>A receiver to begin with</Title>
      <Text c="dimmed" mb="xs">It reads <code>HOOKSWITCH_SECRET_TOKEN</code>, <code>HOOKSWITCH_SIGNING_SECRET</code> and, if you like, <code>PORT</code> from its environment.</Text>
      <Tabs defaultValue="python" keepMounted={false}>
        <Tabs.List>{RECEIVERS.map(({ id, title }) => <Tabs.Tab key={id} value={id}>{title}</Tabs.Tab>)}</Tabs.List>
        {RECEIVERS.map(({ id, title, text }) => (
          <Tabs.Panel key={id} value={id} pt="sm"><Code label={`${title} receiver`} text={text(event)} /></Tabs.Panel>
        ))}
      </Tabs>
    </section>
  );
}
