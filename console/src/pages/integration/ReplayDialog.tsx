import { Button, Group, Modal, NumberInput, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client";
import { ErrorState, Loading } from "../../shared/States";

type Replay = { id: string | number; total: number; done?: number; sent?: number; state?: string };

/** Resend everything the filter finds, with progress; first it says how many that are. */
export function ReplayDialog({ filter, close }: { filter: Record<string, string>; close: () => void }) {
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value));
  const [rate, setRate] = useState<number | string>(50);
  const queries = useQueryClient();
  const preview = useQuery({ queryKey: ["replays", "preview", given], queryFn: () => post<Replay>("/api/replays", { ...given, dry_run: true, rate: Number(rate) || 50 }), staleTime: 0, retry: false });
  const start = useMutation({ mutationFn: () => post<Replay>("/api/replays", { ...given, dry_run: false, rate: Number(rate) || 50 }) });
  const id = start.data?.id;
  const progress = useQuery({ queryKey: ["replays", id], queryFn: () => get<Replay>(`/api/replays/${id}`), enabled: id !== undefined, refetchInterval: 700 });
  const total = start.data?.total ?? preview.data?.total ?? 0;
  const done = progress.data?.done ?? progress.data?.sent ?? 0;
  const isOver = id !== undefined && (done >= total || ["done", "finished", "cancelled"].includes(progress.data?.state ?? ""));
  const end = () => {
    void queries.invalidateQueries({ queryKey: ["deliveries"] });
    close();
  };
  const said = Object.entries(given).map(([name, value]) => `${name} ${value}`).join(", ") || "all deliveries";
  return (
    <Modal opened onClose={end} title="Resend deliveries">
      <Stack gap="sm">
        <Text c="dimmed">Of {said}. Each keeps its webhook-id, so that receivers can tell what they know already.</Text>
        {(preview.error ?? start.error) ? <ErrorState error={preview.error ?? start.error} /> : preview.isPending ? <Loading rows={1} /> : <Text fw={600}>{total} deliveries</Text>}
        {id === undefined ? (
          <NumberInput label="At most per second" value={rate} onChange={setRate} min={1} max={10000} />
        ) : (
          <Progress value={total ? (100 * done) / total : 100} aria-label={`${done} of ${total} resent`} />
        )}
        <Group justify="flex-end">
          {id !== undefined && !isOver && <Button variant="default" onClick={() => void remove(`/api/replays/${id}`).then(end)}>Cancel the rest</Button>}
          {id === undefined ? <Button onClick={() => start.mutate()} disabled={!total} loading={start.isPending}>Resend {total}</Button> : <Button onClick={end}>{isOver ? "Close" : "Go on in the background"}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
