import { Alert, Badge, Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { IconRotate, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useDocumentSchema } from "../../api/catalogue";
import { useAllowed } from "../../api/auth";
import { get, post } from "../../api/client";
import { explain } from "../../api/problem";
import type { Endpoint, EndpointState, EventKind, TriggerHealth } from "../../api/types";
import { edit, useDraft } from "../../draft/store";
import { sentence } from "../../draft/FindingList";
import { Editable } from "../../forms/Editable";
import { FormPlace } from "../../forms/context";
import { HeadersField } from "../../forms/HeadersField";
import type { Hints } from "../../forms/hints";
import { findingsAt, resolve } from "../../forms/schema";
import { SchemaForm } from "../../forms/SchemaForm";
import { SecretField } from "../../forms/SecretField";
import { isMasked, namedIn, signingSecret } from "../../forms/secrets";
import { Loading } from "../../shared/States";
import { Time } from "../../shared/Time";
import { useDeed } from "../../shared/useDeed";
import { TestEvent } from "./TestEvent";

type Props = { index: number; endpoint: Endpoint; events: EventKind[]; state: EndpointState | undefined; isLive: boolean; told: boolean; removed: () => void };

export function EndpointForm({ index, endpoint, events, state, isLive, told, removed }: Props) {
  const findings = useDraft((draft) => draft.findings);
  const allowed = useAllowed("operator");
  const change = (name: string, value: unknown) =>
    edit((document) => {
      const own = document.webhooks?.[index];
      if (own) own[name] = value;
    }, `webhook-${index}.${name}`);
  const loc = ["webhooks", index];
  const error = (field: string) => {
    const [found] = findingsAt(findings, [...loc, field]);
    return found && `${sentence(found.message)} ${sentence(found.mend)}`;
  };
  const triggers = new Set(endpoint.triggers ?? []);
  const counted = Object.values(state?.triggers ?? {}).reduce((sum, { backlog }) => sum + backlog, 0);
  const isMore = (state?.backlog ?? 0) > counted;
  const offered = events.filter((event) => event.trigger);
  const tick = (type: string, on: boolean) => change("triggers", offered.map((event) => event.type).filter((one) => (one === type ? on : triggers.has(one))));
  return (
    <FormPlace value={{ findings, loc, owner: `webhooks/${endpoint.name}` }}>
      <Stack gap="md">
        {state ? <Running state={state} /> : !told && <div className="panel" style={{ padding: "8px 16px", minHeight: 48 }}><Loading rows={1} /></div>}
        <Editable><Stack gap="md">
        {!isLive && <Alert color="yellow" variant="light" p="xs">Not live yet: it is used from the next Apply on.</Alert>}
        <div className="panel" style={{ padding: 16 }}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <TextInput label="URL" placeholder="https://crm.example.com/calls" value={endpoint.url} onChange={(e) => change("url", e.target.value)} required error={error("url")} />
            <TextInput label="Name" description={undefined} value={endpoint.name} onChange={(e) => change("name", e.target.value)} required error={error("name")} />
            <SecretField common={{ label: "Secret Token", description: "Sent with each request as X-Pbx-Token", required: true, ...(error("secret_token") && { error: error("secret_token") }) }} value={endpoint.secret_token} change={(value) => change("secret_token", value)} kind="secret_token" path={["secret_token"]} />
            <div>
              <SecretField common={{ label: "Signing secret", description: "Signs each request (Standard Webhooks)", required: true, ...(error("signing_secret") && { error: error("signing_secret") }) }} value={endpoint.signing_secret} change={(value) => change("signing_secret", value)} kind="signing_secret" path={["signing_secret"]} />
              <Rotation endpoint={endpoint} index={index} />
            </div>
          </SimpleGrid>
        </div>
        <div className="panel" style={{ padding: 16 }}>
          <Group justify="space-between" mb="sm">
            <Title order={2}>Triggers</Title>
            <Group gap={6}>
              <Button size="compact-xs" variant="subtle" onClick={() => change("triggers", offered.map((event) => event.type))}>Tick all</Button>
              <Button size="compact-xs" variant="subtle" onClick={() => change("triggers", [])}>Tick none</Button>
            </Group>
          </Group>
          {error("triggers") && <Text c="red" fz="xs">{error("triggers")}</Text>}
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing={40} verticalSpacing={6}>
            {offered.map((event) => (
              <Group key={event.type} justify="space-between" wrap="nowrap" gap="xs" style={{ minHeight: 26 }}>
                <Checkbox label={event.title} checked={triggers.has(event.type)} onChange={(e) => tick(event.type, e.currentTarget.checked)} />
                <Health health={state?.triggers?.[event.type]} more={isMore} />
              </Group>
            ))}
          </SimpleGrid>
        </div>
        <div className="panel" style={{ padding: 16 }}>
          <HeadersField common={{ label: "Headers", description: "Sent with each request besides those of Hookswitch", required: false, ...(error("headers") && { error: error("headers") }) }} value={endpoint.headers ?? {}} change={(value) => change("headers", value)} />
        </div>
        <MoreSettings endpoint={endpoint} change={change} />
        </Stack></Editable>
        <TestEvent id={state?.id ?? endpoint.name} events={offered} isLive={isLive} isKnown={state !== undefined} />
        {allowed && <Group justify="flex-end">
          <Button
            variant="subtle" color="red" leftSection={<IconTrash size={15} />}
            onClick={() => {
              edit((document) => document.webhooks?.splice(index, 1));
              removed();
            }}
          >
            Remove this endpoint
          </Button>
        </Group>}
      </Stack>
    </FormPlace>
  );
}

const KNOWN = ["name", "url", "secret_token", "signing_secret", "previous_signing_secret", "triggers", "headers"];
const MORE: Hints = {
  only: { label: "Only events of", fields: { numbers: { input: "called", help: "Of yours: called, or shown to whom you call; empty: all" }, queues: { input: "queues", label: "Queues and ring groups", help: "Empty: all" }, users: { input: "users", help: "Empty: all" } } },
  mask: { label: "Kept from this endpoint", help: "Sent empty, or as a pseudonym: the same for the same value", placeholder: "Sent as it is", words: { drop: "Sent empty", hash: "As a pseudonym" } },
  max_per_second: { label: "At most per second", help: "Empty: as fast as it answers" },
  strict_order: { label: "Strict order", unit: "seconds", help: "Wait so long for an earlier event of the call to be accepted" },
  ca_certificate: { label: "Authority's certificate", input: "textarea", help: "PEM, for a receiver with a certificate of your own authority" },
  client_certificate: { label: "Client certificate and key", help: "PEM, shown to the receiver" },
};

/** What few endpoints need. */
function MoreSettings({ endpoint, change }: { endpoint: Endpoint; change: (name: string, value: unknown) => void }) {
  const root = useDocumentSchema().data;
  return (
    <div className="panel" style={{ padding: 16 }}>
      <Title order={2} mb="sm">More</Title>
      {!root ? <Loading rows={8} /> : <SchemaForm schema={resolve(root.properties?.webhooks?.items ?? {}, root)} root={root} value={endpoint} change={change} hints={MORE} skip={KNOWN} />}
    </div>
  );
}

/** Two secrets sign during a rotation, so that the receiver can change over at leisure. */
function Rotation({ endpoint, index }: { endpoint: Endpoint; index: number }) {
  const [error, setError] = useState("");
  const administers = useAllowed("administrator");
  const rotate = async () => {
    setError("");
    try {
      const before = await valueOf(endpoint);
      edit((document) => {
        // others may have been removed, or it was rotated, while its secret was fetched
        const own = document.webhooks?.find(({ name, signing_secret }) => name === endpoint.name && signing_secret === endpoint.signing_secret);
        if (!own || own.previous_signing_secret) return;
        own.previous_signing_secret = before;
        own.signing_secret = signingSecret();
      });
    } catch (problem) {
      setError(explain(problem).detail);
    }
  };
  const finish = () =>
    edit((document) => {
      const own = document.webhooks?.[index];
      if (own) own.previous_signing_secret = null;
    });
  if (endpoint.previous_signing_secret) {
    return (
      <Group gap="xs" mt={6}>
        <Badge color="orange" variant="light">Two secrets sign</Badge>
        <Button size="compact-xs" variant="subtle" onClick={finish}>End the overlap</Button>
      </Group>
    );
  }
  return (
    <>
      <Button size="compact-xs" variant="subtle" mt={6} leftSection={<IconRotate size={13} />} onClick={() => void rotate()} disabled={!administers || !endpoint.signing_secret}>
        Rotate with overlap
      </Button>
      {error && <Text c="red" fz="xs">{error}</Text>}
    </>
  );
}

/** A masked secret means "keep what is there", so the old one is asked for before it moves. */
async function valueOf(endpoint: Endpoint): Promise<string> {
  if (!isMasked(endpoint.signing_secret)) return endpoint.signing_secret ?? "";
  return (await get<{ value: string }>("/api/secrets/reveal", { ref: namedIn(endpoint.signing_secret) ?? `webhooks/${endpoint.name}/signing_secret` })).value;
}

function Running({ state }: { state: EndpointState }) {
  const queries = useQueryClient();
  const allowed = useAllowed("operator");
  const isRunning = state.state === "active";
  const [stopping, setStopping] = useState<"" | "pause" | "disable">("");
  const [reason, setReason] = useState("");
  const { busy, error, run } = useDeed();
  const turn = (verb: "pause" | "disable" | "resume") =>
    run(async () => {
      await post(`/api/endpoints/${encodeURIComponent(state.id)}/${verb}`, verb === "resume" ? undefined : { reason });
      setStopping("");
      await queries.invalidateQueries({ queryKey: ["endpoints"] });
    });
  return (
    <Group gap="sm" className="panel" p="xs" px="md">
      <Badge color={isRunning ? "green" : "orange"} variant="light">{isRunning ? "Delivering" : state.state}</Badge>
      {state.reason && <Text>{state.reason}</Text>}
      {state.held_until && <Text c="var(--mantine-color-orange-light-color)">It fails: the next try is at <Time at={state.held_until} short /></Text>}
      <Text c="dimmed">{state.backlog === 0 ? "Nothing waits" : `${state.backlog} wait`}{state.oldest_at && <>, the oldest since <Time at={state.oldest_at} /></>}</Text>
      {error !== null && <Text c="red" fz="xs" role="alert">{explain(error).detail}</Text>}
      <span style={{ flex: 1 }} />
      {allowed && stopping !== "" && (
        <>
          <TextInput size="xs" aria-label="Reason" placeholder="Reason, shown beside the state" value={reason} onChange={(e) => setReason(e.target.value)} maxLength={200} w={230} />
          <Button size="xs" loading={busy} onClick={() => void turn(stopping)}>{stopping === "pause" ? "Pause now" : "Disable now"}</Button>
          <Button size="xs" variant="default" onClick={() => setStopping("")}>Cancel</Button>
        </>
      )}
      {allowed && stopping === "" && (isRunning ? (
        <Group gap="xs" wrap="nowrap">
          <Button size="xs" variant="default" onClick={() => setStopping("pause")}>Pause</Button>
          <Button size="xs" variant="default" onClick={() => setStopping("disable")}>Disable</Button>
        </Group>
      ) : (
        <Button size="xs" variant="default" loading={busy} onClick={() => void turn("resume")}>Resume</Button>
      ))}
    </Group>
  );
}

function Health({ health, more }: { health: TriggerHealth | undefined; more: boolean }) {
  if (!health || (!health.last_success_at && !health.last_error && !health.backlog)) return null;
  const isBad = Boolean(health.last_error) && (!health.last_success_at || (health.last_error_at ?? "") > health.last_success_at);
  const said = isBad ? `Failed: ${health.last_error}` : health.last_success_at ? "Last one accepted" : "None was sent yet";
  return (
    <Group gap={6} wrap="nowrap" style={{ fontSize: 12 }} c="dimmed">
      {health.backlog > 0 && <Text fz={12} c="var(--mantine-color-orange-light-color)" className="num" style={{ whiteSpace: "nowrap" }}>{health.backlog}{more && "+"} wait</Text>}
      <Tooltip label={said}>
        <Group gap={6} wrap="nowrap" tabIndex={0} aria-label={said} role="img">
          <span className="dot" style={{ background: `var(--mantine-color-${isBad ? "red" : health.last_success_at ? "green" : "gray"}-6)` }} />
          {(isBad || health.last_success_at) && <Time at={isBad ? health.last_error_at : health.last_success_at} short />}
        </Group>
      </Tooltip>
    </Group>
  );
}
