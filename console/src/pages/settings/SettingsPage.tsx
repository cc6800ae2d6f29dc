import {
  IconHash, IconHistory, IconInfoCircle, IconListDetails, IconNetwork, IconRoute, IconServer, IconShieldLock, IconShieldOff, IconUserCircle, IconUserOff, IconUserShield, IconVolume, IconParking, IconMusic, IconMicrophone, IconUrgent, IconArchive, IconBan, IconDatabase, IconPhoneCall, IconPhoneOff, IconPhoneOutgoing,
} from "@tabler/icons-react";
import { Redirect, Route, Switch } from "wouter";
import { useDocumentSchema } from "../../api/catalogue";
import { useAllowed } from "../../api/auth";
import { labelOf } from "../../forms/schema";
import { type MenuEntry, type MenuGroup, SideMenu } from "../../shared/Page";
import { AboutPage } from "./AboutPage";
import { AccountPage } from "./AccountPage";
import { AdministratorsPage } from "./AdministratorsPage";
import { AuditPage } from "./AuditPage";
import { BackupPage } from "./BackupPage";
import { BansPage } from "./BansPage";
import { PersonalDataPage } from "./PersonalDataPage";
import { PromptsPage } from "./PromptsPage";
import { SectionPage } from "./SectionPage";
import { StoragePage } from "./StoragePage";
import { TITLES } from "./titles";

const ELSEWHERE = new Set(["hookswitch", "users", "mailboxes", "flows", "webhooks", "retention"]);
const ICONS: Record<string, MenuEntry["icon"]> = { trunks: IconServer, routes: IconRoute, network: IconNetwork, allowed_networks: IconShieldLock, feature_codes: IconHash, parking: IconParking, transfers: IconPhoneOutgoing, music: IconMusic, recordings: IconMicrophone, emergency: IconUrgent, outside: IconBan, blocked_callers: IconPhoneOff, numbers: IconPhoneCall };

const ACCESS: MenuEntry[] = [
  { to: "/settings/administrators", title: "Administrators", icon: IconUserShield },
  { to: "/settings/audit", title: "Audit log", icon: IconHistory },
];
const SYSTEM: MenuEntry[] = [
  { to: "/settings/personal", title: "Personal data", icon: IconUserOff },
  { to: "/settings/backup", title: "Backup and restore", icon: IconArchive },
];

const ORDER = Object.keys(TITLES);
const rank = (name: string) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
const NETWORK = new Set(["network", "allowed_networks"]);

/** Sections of the document that have no page of their own, then what belongs to the server. */
export function SettingsPage() {
  const schema = useDocumentSchema();
  const administers = useAllowed("administrator");
  const sections = Object.keys(schema.data?.properties ?? {}).filter((name) => !ELSEWHERE.has(name)).sort((a, b) => rank(a) - rank(b));
  const entryOf = (name: string): MenuEntry => ({ to: `/settings/${name}`, title: TITLES[name] ?? labelOf(name), icon: ICONS[name] ?? IconListDetails });
  const groups: MenuGroup[] = [
    { title: "Calls", entries: [...sections.filter((name) => !NETWORK.has(name)).map(entryOf), { to: "/settings/prompts", title: "Prompts", icon: IconVolume }] },
    { title: "Network", entries: [...sections.filter((name) => NETWORK.has(name)).map(entryOf), { to: "/settings/bans", title: "Banned addresses", icon: IconShieldOff }] },
    { title: "Access", entries: [{ to: "/settings/account", title: "My account", icon: IconUserCircle }, ...(administers ? ACCESS : [])] },
    { title: "System", entries: [{ to: "/settings/storage", title: "Storage", icon: IconDatabase }, ...(administers ? SYSTEM : []), { to: "/settings/about", title: "About", icon: IconInfoCircle }] },
  ];
  return (
    <div className="with-menu">
      <SideMenu label="Settings" groups={groups} />
      <Switch>
        <Route path="/settings/prompts" component={PromptsPage} />
        <Route path="/settings/bans" component={BansPage} />
        <Route path="/settings/account" component={AccountPage} />
        <Route path="/settings/administrators" component={AdministratorsPage} />
        <Route path="/settings/audit" component={AuditPage} />
        <Route path="/settings/backup" component={BackupPage} />
        <Route path="/settings/storage" component={StoragePage} />
        <Route path="/settings/personal" component={PersonalDataPage} />
        <Route path="/settings/about" component={AboutPage} />
        <Route path="/settings/:section">{({ section }) => <SectionPage key={section} section={section} />}</Route>
        <Route><Redirect to="/settings/trunks" replace /></Route>
      </Switch>
    </div>
  );
}
