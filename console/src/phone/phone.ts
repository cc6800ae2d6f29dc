/** The browser phone: one SIP account over the server's WebSocket, one call at a time. */
import type { Invitation, Inviter, Session } from "sip.js";
import type { SessionManager } from "sip.js/lib/platform/web";
import { create } from "zustand";
import { get } from "../api/client";
import { explain } from "../api/problem";
import type { BrowserPhone } from "../api/types";

export type Account = BrowserPhone;
export type PhoneCall = {
  state: "ringing" | "dialling" | "talking" | "held";
  other: string;
  muted: boolean;
  since: number;
};
type Phone = {
  state: "off" | "connecting" | "online" | "lost";
  account: Account | null;
  call: PhoneCall | null;
  error: string;
};

export const usePhone = create<Phone>(() => ({ state: "off", account: null, call: null, error: "" }));

let manager: SessionManager | null = null;
let session: Session | null = null;
/** Of the phone that is switched on; whatever an earlier one still hears or tries is not heard. */
let turn = 0;
/** Hung up before the call was there. */
let givenUp = false;
const audio = typeof Audio === "undefined" ? null : new Audio();

const set = (change: Partial<Phone>) => usePhone.setState(change);
const setCall = (change: Partial<PhoneCall>) => usePhone.setState(({ call }) => ({ call: call && { ...call, ...change } }));

export async function switchOn(extension?: string): Promise<void> {
  turn += 1;
  const own = turn;
  const ifOn = (act: () => void) => () => {
    if (own === turn) act();
  };
  set({ state: "connecting", error: "" });
  try {
    const account = await get<Account>("/api/phone", { extension });
    const server = new URL(account.ws, window.location.href.replace(/^http/, "ws")).href.replace(/^http/, "ws");
    const sip = await import("sip.js/lib/platform/web");
    if (own !== turn) return; // switched off meanwhile
    manager = new sip.SessionManager(server, {
      aor: account.uri,
      maxSimultaneousSessions: 1,
      reconnectionAttempts: 1000,
      reconnectionDelay: 2,
      registrationRetry: true,
      iceStopWaitingOnServerReflexive: true,
      media: { constraints: { audio: true, video: false }, ...(audio && { remote: { audio } }) },
      userAgentOptions: {
        authorizationUsername: account.username,
        authorizationPassword: account.password,
        displayName: account.name,
        logBuiltinEnabled: false,
        sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 500, peerConnectionConfiguration: { iceServers: [] } },
      },
      delegate: {
        onRegistered: ifOn(() => set({ state: "online", error: "" })),
        onUnregistered: ifOn(() => set({ state: "lost" })),
        onServerDisconnect: ifOn(() => set({ state: "lost" })),
        onServerConnect: ifOn(() => void manager?.register()),
        onCallReceived: received,
        onCallAnswered: () => setCall({ state: "talking", since: Date.now() }),
        onCallHold: (_session, held) => setCall({ state: held ? "held" : "talking" }),
        onCallHangup: () => {
          session = null;
          set({ call: null });
        },
      },
    });
    set({ account });
    await manager.connect();
  } catch (error) {
    if (own !== turn) return;
    set({ state: "off", error: explain(error).detail || explain(error).title });
    manager = null;
  }
}

export async function switchOff(): Promise<void> {
  const leaving = manager;
  turn += 1;
  manager = null;
  session = null;
  set({ state: "off", call: null, account: null });
  await leaving?.unregister().catch(() => undefined);
  await leaving?.disconnect().catch(() => undefined);
}

function received(invited: Session): void {
  if (usePhone.getState().call) return void manager?.decline(invited); // one is just being dialled
  session = invited;
  const from = (invited as Invitation).remoteIdentity;
  set({ call: { state: "ringing", other: from.displayName || from.uri.user || "unknown", muted: false, since: Date.now() } });
}

export async function dial(number: string): Promise<void> {
  const target = number.replace(/[^0-9*#+]/g, "");
  const host = usePhone.getState().account?.uri.split("@")[1];
  if (!manager || !target || !host || usePhone.getState().call) return;
  givenUp = false;
  set({ call: { state: "dialling", other: target, muted: false, since: Date.now() }, error: "" });
  try {
    const inviter: Inviter = await manager.call(`sip:${target.replaceAll("#", "%23")}@${host}`, {}, {
      requestDelegate: { onReject: ({ message }) => set({ error: `${message.statusCode} ${message.reasonPhrase}` }) },
    });
    session = inviter;
    if (givenUp) await manager?.hangup(inviter);
  } catch (error) {
    session = null;
    set({ call: null, error: explain(error).detail });
  }
}

const attempt = async (act: (manager: SessionManager, session: Session) => Promise<void> | void): Promise<void> => {
  if (!manager || !session) return;
  try {
    await act(manager, session);
  } catch (error) {
    set({ error: explain(error).detail });
  }
};

export const answer = () => attempt((phone, call) => phone.answer(call));
export const hangUp = () => {
  givenUp = true;
  return attempt((phone, call) => (usePhone.getState().call?.state === "ringing" ? phone.decline(call) : phone.hangup(call)));
};
export const hold = () => attempt((phone, call) => (usePhone.getState().call?.state === "held" ? phone.unhold(call) : phone.hold(call)));
export const press = (tone: string) => attempt((phone, call) => phone.sendDTMF(call, tone));
export const mute = () =>
  attempt((phone, call) => {
    const muted = !usePhone.getState().call?.muted;
    if (muted) phone.mute(call);
    else phone.unmute(call);
    setCall({ muted });
  });
export const transfer = (number: string) =>
  attempt((phone, call) => phone.transfer(call, `sip:${number.replace(/[^0-9*#+]/g, "")}@${usePhone.getState().account?.uri.split("@")[1]}`));
