import { Alert, Button, Group, MultiSelect, NumberInput, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, post, remove } from "../../api/client";
import type { Replay } from "../../api/types";
import { ErrorState, Loading } from "../../shared/States";
import { STATES } from "./deliveries";
import { useEndpointName } from "./endpoints";
import { Dialog } from "../../shared/Dialog";

const STATES_TO_CHOOSE = ["failed", "cancelled", "delivered", "pending"].map((value) => ({ value, label: STATES[value]?.[0] ?? value }));
const RATE = 10;

type Found = { matched: number; gone: Record<string, number> };

/** Resend everything the filter finds, with progress; first it says how many that are. */
export function ReplayDialog({ filter, close }: { filter: Record<string, string>; close: () => void }) {
  const { state, ...others } = filter;
  const [states, setStates] = useState([state && state !== "sending" ? state : "failed"]);
  const [rate, setRate] = useState<number | string>(RATE);
  const queries = useQueryClient();
  const nameOf = useEndpointName();
  const wish = { ...Object.fromEntries(Object.entries(others).filter(([, value]) => value)), states, rate: Number(rate) || RATE };
  const preview = useQuery({
    queryKey: ["replays", "preview", wish],
    queryFn: () => post<Found>("/api/replays", { ...wish, dry_run: true }),
    enabled: states.length > 0,
    staleTime: 0,
    retry: false,
  });
  const start = useMutation({ mutationFn: () => post<Replay>("/api/replays", wish) });
  const id = start.data?.id;
  const progress = useQuery({ queryKey: ["replays", id], queryFn: () => get<Replay>(`/api/replays/${id}`), enabled: id !== undefined, refetchInterval: 700 });
  const total = start.data?.matched ?? preview.data?.matched ?? 0;
  const skipped = progress.data?.skipped ?? 0;
  const done = progress.data?.done ?? 0;
  const gone = Object.entries(preview.data?.gone ?? {});
  const sent = total - gone.reduce((sum, [, count]) => sum + count, 0);
  const isOver = Boolean(progress.data?.ended_at);
  const end = () => {
    void queries.invalidateQueries({ queryKey: ["deliveries"] });
    close();
  };
  const stop = useMutation({ mutationFn: () => remove(`/api/replays/${id}`), onSettled: end });
  const error = preview.error ?? start.error ?? progress.error;
  return (
    <Dialog onClose={end} busy={start.isPending} title="Resend deliveries">
      <Stack gap="sm">
        <Text c="dimmed">What the filter finds, in these states. Each keeps its webhook-id, so that receivers can tell what they know already.</Text>
        <MultiSelect label="States" data={STATES_TO_CHOOSE} value={states} onChange={setStates} disabled={id !== undefined} />
        {error ? <ErrorState error={error} /> : !states.length ? <Text c="dimmed">Choose a state.</Text> : preview.isPending ? <Loading rows={1} /> : <Text fw={600} data-testid="matched">{deliveries(total)}</Text>}
        {gone.length > 0 && (
          <Alert color="yellow" variant="light" p="xs" data-testid="gone">
            {gone.map(([endpoint, count]) => <Text key={endpoint} fz="sm">{deliveries(count)} of <b>{nameOf(endpoint)}</b>: the live configuration has no such endpoint any more, so {count === 1 ? "it is" : "they are"} left out.</Text>)}
          </Alert>
        )}
        {id === undefined ? (
          <NumberInput label="At most per second" value={rate} onChange={setRate} min={1} max={1000} />
        ) : (
          <>
            <Progress value={total ? (100 * (done + skipped)) / total : 100} aria-label={`${done} of ${total} resent`} />
            <Text fz="sm" role="status">{done} of {total}{skipped > 0 && `, ${skipped} left out`}{isOver && ": done"}</Text>
          </>
        )}
        <Group justify="flex-end">
          {id !== undefined && !isOver && <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>Cancel the rest</Button>}
          {id === undefined ? <Button onClick={() => start.mutate()} disabled={!sent || !preview.data} loading={start.isPending}>Resend {sent}</Button> : <Button onClick={end}>{isOver ? "Close" : "Go on in the background"}</Button>}
        </Group>
      </Stack>
    </Dialog>
  );
}

const deliveries = (count: number) => (count === 1 ? "1 delivery" : `${count} deliveries`);
