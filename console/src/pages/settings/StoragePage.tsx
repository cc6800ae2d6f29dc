import { Progress, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Storage } from "../../api/types";
import { Page } from "../../shared/Page";
import { DraftAwaited } from "../../draft/Drafted";
import { useDraft } from "../../draft/store";
import { Loaded } from "../../shared/States";
import { RetentionForm } from "./RetentionForm";
import { sizeOf } from "./sizes";

const LOOK_MS = 10_000;

/** What is kept, for how long, and what happens when the disk fills. */
export function StoragePage() {
  const found = useQuery({ queryKey: ["storage"], queryFn: () => get<Storage>("/api/storage"), refetchInterval: LOOK_MS });
  const ready = useDraft((state) => state.document !== null);
  return (
    <Page title="Storage" about="What is kept, for how long, and what happens when the disk fills.">
      <Loaded query={found}>
        {(state) => (
          <Stack gap="md" maw={860}>
            <SimpleGrid cols={{ base: 1, sm: 3 }}>
              <Figure name="Free on the disk" value={sizeOf(state.free)} />
              <Figure name="Calls and events" value={state.database ? sizeOf(state.database) : "On the database server"} />
              <Figure name="Recordings and voicemail" value={`${sizeOf(state.audio)} of ${sizeOf(state.kept.audio_mb * 1e6)}`}>
                <Progress value={Math.min(100, state.audio / (state.kept.audio_mb * 1e4))} mt={6} aria-label="Share of the room for audio" />
              </Figure>
            </SimpleGrid>
            {ready ? <RetentionForm state={state} /> : <DraftAwaited />}
            <section className="panel table-scroll">
              <Title order={2} p="md" pb={4}>When the disk fills</Title>
              <Table>
                <Table.Thead><Table.Tr><Table.Th>What</Table.Th><Table.Th>Below</Table.Th><Table.Th>Setting of the server</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  <Rule what="Nothing is recorded" rule={`${sizeOf(state.disk_stop_recordings_mb * 1e6)} free`} name="disk_stop_recordings_mb" />
                  <Rule what="New calls are refused" rule={`${sizeOf(state.disk_refuse_calls_mb * 1e6)} free`} name="disk_refuse_calls_mb" />
                </Table.Tbody>
              </Table>
              <Text c="dimmed" fz="xs" p="md">These two are the server's own: change them in its settings file, or as an environment variable such as HOOKSWITCH_DISK_REFUSE_CALLS_MB, and start it again.</Text>
            </section>
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Figure({ name, value, children }: { name: string; value: string; children?: React.ReactNode }) {
  return (
    <div className="panel" style={{ padding: "10px 14px" }}>
      <Text fz="xs" c="dimmed">{name}</Text>
      <Text fz="lg" fw={600} className="num">{value}</Text>
      {children}
    </div>
  );
}

const Rule = ({ what, rule, name }: { what: string; rule: string; name: string }) => (
  <Table.Tr><Table.Td fw={500}>{what}</Table.Td><Table.Td>{rule}</Table.Td><Table.Td className="mono">{name}</Table.Td></Table.Tr>
);
