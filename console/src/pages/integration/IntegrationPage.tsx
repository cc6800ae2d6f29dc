import { IconKey, IconSend, IconWebhook } from "@tabler/icons-react";
import { Redirect, Route, Switch } from "wouter";
import { SideMenu } from "../../shared/Page";
import { ApiPage } from "./ApiPage";
import { DeliveriesPage } from "./DeliveriesPage";
import { WebhooksPage } from "./WebhooksPage";

const ENTRIES = [
  { to: "/integration/api", title: "API", icon: IconKey },
  { to: "/integration/webhooks", title: "Webhooks", icon: IconWebhook },
  { to: "/integration/deliveries", title: "Deliveries", icon: IconSend },
];

export function IntegrationPage() {
  return (
    <div className="with-menu">
      <SideMenu label="Integration" groups={[{ entries: ENTRIES }]} />
      <Switch>
        <Route path="/integration/api" component={ApiPage} />
        <Route path="/integration/webhooks" component={WebhooksPage} />
        <Route path="/integration/deliveries/:id?" component={DeliveriesPage} />
        <Route><Redirect to="/integration/webhooks" replace /></Route>
      </Switch>
    </div>
  );
}
