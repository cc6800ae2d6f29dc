/** The pages, each fetched when it is first opened; all of them once the first one has been drawn. */
import { type ComponentType, useEffect, useState } from "react";
import { ErrorState, Loading } from "../shared/States";

const calls = () => import("../pages/calls/CallsPage");
const integration = () => import("../pages/integration/IntegrationPage");
const live = () => import("../pages/live/LivePage");
const pbx = () => import("../pages/pbx/PbxPage");
const settings = () => import("../pages/settings/SettingsPage");
const users = () => import("../pages/users/UsersPage");
const ALL: Record<string, () => Promise<unknown>> = { pbx, calls, users, integration, live, settings };
const QUIET_MS = 3000;

// while the server is still asked who we are
void ALL[window.location.pathname.split("/")[1] ?? ""]?.().catch(() => undefined);

export const CallsPage = page(async () => (await calls()).CallsPage);
export const IntegrationPage = page(async () => (await integration()).IntegrationPage);
export const LivePage = page(async () => (await live()).LivePage);
export const PbxPage = page(async () => (await pbx()).PbxPage);
export const SettingsPage = page(async () => (await settings()).SettingsPage);
export const UsersPage = page(async () => (await users()).UsersPage);

/** So that a click on a tab waits for nothing, also while the server is down. */
export function fetchPages(): () => void {
  const timer = setTimeout(() => void Promise.allSettled(Object.values(ALL).map((one) => one())), QUIET_MS);
  return () => clearTimeout(timer);
}

/** Not `lazy`: once a fallback was drawn, React waits 300 ms before it draws what came instead. */
function page(fetch: () => Promise<ComponentType>): ComponentType {
  let found: ComponentType | null = null;
  const load = async () => (found = await fetch());
  return function Fetched() {
    const [state, set] = useState({ Page: found, failed: false });
    useEffect(() => {
      // another one of it may have fetched it since this was drawn
      if (found) set({ Page: found, failed: false });
      else load().then((Page) => set({ Page, failed: false }), () => set({ Page: null, failed: true }));
    }, []);
    if (state.Page) return <state.Page />;
    return state.failed ? <NotFetched /> : <div style={{ padding: 16 }}><Loading /></div>;
  };
}

/** The server is down, or has another version now. */
function NotFetched() {
  const error = new Error("This page could not be fetched from the server.");
  return <ErrorState error={error} retry={() => window.location.reload()} />;
}
