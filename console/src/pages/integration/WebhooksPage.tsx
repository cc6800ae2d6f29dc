import { Button, Tabs } from "@mantine/core";
import { IconPlus, IconWebhook } from "@tabler/icons-react";
import { useEvents } from "../../api/catalogue";
import { useAllowed } from "../../api/auth";
import { DraftAwaited } from "../../draft/Drafted";
import { edit, useDraft } from "../../draft/store";
import { useOpened } from "../../draft/useOpened";
import { signingSecret, token } from "../../forms/secrets";
import { Page } from "../../shared/Page";
import { Empty, Loaded } from "../../shared/States";
import { BuiltInReceiver } from "./BuiltInReceiver";
import { EndpointForm } from "./EndpointForm";
import { EventReference } from "./EventReference";
import { useEndpointStates } from "./endpoints";

/** Endpoints for the whole phone system, and what each event holds. */
export function WebhooksPage() {
  const document = useDraft((state) => state.document);
  const events = useEvents();
  const states = useEndpointStates();
  const allowed = useAllowed("operator");
  const { opened, open: choose, close: chooseFirst } = useOpened();
  if (!document) return <Page title="Webhooks"><DraftAwaited /></Page>;
  const endpoints = document.webhooks ?? [];
  const index = Math.min(opened?.index ?? 0, Math.max(0, endpoints.length - 1));
  const add = () => {
    edit((draft) => {
      const taken = new Set((draft.webhooks ?? []).map(({ name }) => name));
      let name = "crm";
      for (let number = 2; taken.has(name); number += 1) name = `endpoint_${number}`;
      draft.webhooks = [...(draft.webhooks ?? []), { name, url: "", secret_token: token(), signing_secret: signingSecret(), triggers: [], headers: {} }];
    });
    choose("webhooks", endpoints.length);
  };
  const endpoint = endpoints[index];
  return (
    <Page
      title="Webhooks" about="Each ticked event of a call is sent as signed JSON to these receivers. Changes take effect when you apply the configuration."
      actions={allowed && <Button leftSection={<IconPlus size={16} />} onClick={add}>Add endpoint</Button>}
    >
      {endpoint ? (
        <Tabs value={String(index)} onChange={(value) => choose("webhooks", Number(value))} keepMounted={false}>
          <Tabs.List mb="md">
            {endpoints.map((one, at) => <Tabs.Tab key={at} value={String(at)}>{one.name || "Unnamed"}</Tabs.Tab>)}
          </Tabs.List>
          <Tabs.Panel value={String(index)}>
            <Loaded query={events}>
              {(catalogue) => <EndpointForm key={opened?.nth ?? 0} index={index} endpoint={endpoint} events={catalogue} state={states?.get(endpoint.name)} isLive={!states || states.has(endpoint.name)} told={states !== undefined} removed={chooseFirst} />}
            </Loaded>
          </Tabs.Panel>
        </Tabs>
      ) : (
        <div className="panel">
          <Empty icon={IconWebhook} title="No endpoint yet" action={allowed && <Button onClick={add} leftSection={<IconPlus size={16} />}>Add endpoint</Button>}>
            An endpoint is a URL of your CRM, helpdesk or script. It gets a POST for each event that you tick.
          </Empty>
        </div>
      )}
      <BuiltInReceiver />
      <Loaded query={events}>{(catalogue) => <EventReference events={catalogue} />}</Loaded>
    </Page>
  );
}
