/** What a simulated call is asked with: whom the flow may call, and what can be said of each. */
import type { Flow, FlowObject } from "../../api/types";
import { faceOf } from "../../nodes";
import { list } from "../../nodes/face";

export type Forward = { user: string; when: string; target: string };
export type Wish = {
  number: string;
  caller: string;
  callerName: string;
  at: string;
  keys: string;
  hangUp: number | string;
  talk: number | string;
  answers: Record<string, string>;
  webhooks: Record<string, string>;
  overrides: Record<string, string>;
  orders: Record<string, string[]>;
  away: string[];
  forwards: Forward[];
};

export const fresh = (number: string): Wish => ({
  number, caller: "61400000001", callerName: "Jane Citizen", at: "", keys: "", hangUp: "", talk: "",
  answers: {}, webhooks: {}, overrides: {}, orders: {}, away: [], forwards: [],
});

/** Queues and ring groups that choose whom they begin with by chance, or by what they remember. */
const CHOOSING = new Set(["random", "round_robin", "least_recent", "fewest_calls"]);

export function membersOf(object: FlowObject): string[] {
  if (object.kind === "queue") return ((object.members as { user?: string }[] | undefined) ?? []).map(({ user }) => user ?? "").filter(Boolean);
  return object.kind === "ring_group" ? [...list(object.members), ...list(object.external)] : [];
}

/** Everybody whom objects of the flow ring, users and numbers outside, in the order of the drawing. */
export function rungBy(flow: Flow | undefined): string[] {
  const own = { user: "user", external_number: "number" } as Record<string, string>;
  return [...new Set((flow?.objects ?? []).flatMap((object) => [...membersOf(object), String(object[own[object.kind] ?? ""] ?? "")]).filter(Boolean))];
}

/** Whom the call may reach besides: a number outside that a user's phone calls, targets of forwards. */
export const calledBesides = (wish: Wish, numbers: string[]): string[] =>
  [...(numbers.includes(wish.number) ? [] : [wish.number.trim()]), ...wish.forwards.map(({ target }) => target.trim())].filter(Boolean);

export const choosing = (flow: Flow | undefined) => (flow?.objects ?? []).filter((object) => CHOOSING.has(String(object.strategy)) && membersOf(object).length > 1);
export const overridden = (flow: Flow | undefined) => (flow?.objects ?? []).filter((object) => object.kind === "time_condition" && object.override);
export const waiting = (flow: Flow | undefined) => (flow?.objects ?? []).filter((object) => object.kind === "webhook" && object.wait === true);
export const outputsOf = (object: FlowObject): string[] => faceOf(object.kind).outputs?.(object) ?? [];

/** The request; what is left empty is as it usually is. */
export function asked(wish: Wish): Record<string, unknown> {
  const number = (value: number | string) => (value === "" ? undefined : Number(value));
  const forwards: Record<string, Record<string, string>> = {};
  for (const { user, when, target } of wish.forwards) {
    if (user && target.trim()) forwards[user] = { ...forwards[user], [when]: target.trim() };
  }
  return {
    number: wish.number.trim(), caller: wish.caller, caller_name: wish.callerName,
    ...(wish.at && { at: wish.at }),
    answers: wish.answers,
    press: wish.keys.split(/[\s,]+/).filter(Boolean),
    hang_up: number(wish.hangUp), talk: number(wish.talk),
    webhooks: wish.webhooks, overrides: wish.overrides, away: wish.away, forwards,
    orders: Object.fromEntries(Object.entries(wish.orders).filter(([, order]) => order.length)),
  };
}
