import { Text, Title } from "@mantine/core";
import { type ComponentType, Fragment, type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";

export function Page({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <Title order={1}>{title}</Title>
          {about && <Text c="dimmed" mt={2}>{about}</Text>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  );
}

export type MenuEntry = { to: string; title: string; icon: ComponentType<{ size?: number; stroke?: number }> };

export type MenuGroup = { title?: string; entries: MenuEntry[] };

export function SideMenu({ label, groups }: { label: string; groups: MenuGroup[] }) {
  const [place] = useLocation();
  const menu = useRef<HTMLElement>(null);
  const length = groups.reduce((sum, { entries }) => sum + entries.length, 0);
  useEffect(() => {
    // on a narrow page the menu is a strip that scrolls
    menu.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [place, length]);
  return (
    <nav className="side-menu" aria-label={label} ref={menu}>
      {groups.map(({ title, entries }) => (
        <Fragment key={title ?? ""}>
          {title && <h2>{title}</h2>}
          {entries.map(({ to, title: name, icon: Icon }) => (
            <Link key={to} href={to} aria-current={place.startsWith(to) ? "page" : undefined}>
              <Icon size={16} stroke={1.7} />
              {name}
            </Link>
          ))}
        </Fragment>
      ))}
    </nav>
  );
}
