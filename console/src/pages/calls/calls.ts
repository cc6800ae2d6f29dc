export type CallRow = {
  id: string;
  direction?: string;
  caller?: { number: string; name: string };
  caller_id?: string;
  caller_name?: string;
  dest_number?: string;
  started_at?: string;
  arrived_at?: string;
  call_start_at?: string;
  ended_at?: string | null;
  state?: string;
  users?: string[];
  duration?: number | null;
  [k: string]: unknown;
};
export type Leg = { id: string; user?: { name: string; extension: string } | string; user_name?: string; user_number?: string; started_at?: string; rang_at?: string | null; answered_at?: string | null; ended_at?: string | null; [k: string]: unknown };
export type Step = { at: string; step: string; [k: string]: unknown };
export type Media = { event: string; kind: string; seconds: number | null; url?: string };
export type CallEvent = { id: string; type: string; at: string; body: unknown; deliveries?: { id: number | string; endpoint: string; state: string; last_status?: number | null }[] };
export type CallDetails = { call: CallRow; legs: Leg[]; objects?: unknown[]; timeline: Step[]; media: Media[]; events: CallEvent[] };

export const startOf = (call: CallRow) => call.call_start_at ?? call.started_at ?? call.arrived_at;
export const callerOf = (call: CallRow) => call.caller?.number ?? call.caller_id ?? "";
export const callerName = (call: CallRow) => call.caller?.name ?? call.caller_name ?? "";
