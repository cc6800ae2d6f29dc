import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import {
  IconBroadcast, IconDeviceDesktop, IconLogout, IconMoon, IconPhoneCall, IconPlugConnected, IconSettings,
  IconSitemap, IconSun, IconUserCircle, IconUsers,
} from "@tabler/icons-react";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useAuth } from "../api/auth";
import { explain } from "../api/problem";
import { signOut, useRenewSession } from "../api/session";
import { ApplyButton } from "../draft/ApplyButton";
import { DraftKeeper } from "../draft/DraftKeeper";
import { forget, saved } from "../draft/store";
import { BrowserPhone } from "../phone/BrowserPhone";
import { HealthBar } from "./HealthBar";

const TABS = [
  { to: "/pbx", title: "PBX", icon: IconSitemap },
  { to: "/calls", title: "Calls", icon: IconPhoneCall },
  { to: "/users", title: "Users & phones", icon: IconUsers },
  { to: "/integration", title: "Integration/API", icon: IconPlugConnected },
  { to: "/live", title: "Live", icon: IconBroadcast },
  { to: "/settings", title: "Settings", icon: IconSettings },
];

/** The frame of every page: tabs, the state of the draft, who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  const [place] = useLocation();
  return (
    <div className="shell">
      <header className="top">
        <a className="skip" href="#main">Skip to the page</a>
        <Link className="brand" href="/pbx" aria-label="Hookswitch">
          <img src="/assets/icon.svg" width={24} height={24} alt="" />
          <span>Hookswitch</span>
        </Link>
        <nav className="tabs" aria-label="Main">
          {TABS.map(({ to, title, icon: Icon }) => (
            <Link key={to} href={to} aria-current={place.startsWith(to) ? "page" : undefined}>
              <Icon size={16} stroke={1.7} aria-hidden />
              <span>{title}</span>
            </Link>
          ))}
        </nav>
        <span className="grow" />
        <ApplyButton />
        <BrowserPhone />
        <SchemeToggle />
        <OwnMenu />
      </header>
      <div>
        <HealthBar />
        <DraftKeeper />
      </div>
      <main id="main" className="main" tabIndex={0}>{children}</main>
    </div>
  );
}

const SCHEMES = { light: IconSun, dark: IconMoon, auto: IconDeviceDesktop };
const NEXT = { light: "dark", dark: "auto", auto: "light" } as const;

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = SCHEMES[colorScheme];
  const label = `Colours: ${colorScheme}. Change to ${NEXT[colorScheme]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" aria-label={label} onClick={() => setColorScheme(NEXT[colorScheme])}>
        <Icon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

function OwnMenu() {
  const user = useAuth((state) => state.session?.user);
  const renew = useRenewSession();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const leave = async () => {
    try {
      await saved();
      await signOut();
    } catch (problem) {
      const { title, detail } = explain(problem);
      notifications.show({ color: "red", title: `Still signed in: ${title}`, message: detail });
      return;
    }
    forget();
    queries.clear();
    await renew();
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`Signed in as ${user?.name}`}>
          <IconUserCircle size={20} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user?.name} · {user?.role.replace("_", " ")}</Menu.Label>
        <Menu.Item leftSection={<IconUserCircle size={16} />} onClick={() => go("/settings/account")}>
          My account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
