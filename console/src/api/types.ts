/** Shapes of the answers, by the contract of the API. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Loc = (string | number)[];
export type Finding = {
  where: string;
  field: string;
  message: string;
  mend: string;
  severity?: string;
  loc?: Loc;
};
export type FlowObject = {
  id: string;
  kind: string;
  name: string;
  notes?: string;
  outputs?: Record<string, string>;
  position?: [number, number];
  [setting: string]: unknown;
};
export type Flow = { name: string; objects: FlowObject[] };
export type Device = { username: string; password?: string; [k: string]: unknown };
export type User = { name: string; extension: string; devices?: Device[]; [k: string]: unknown };
export type Endpoint = {
  name: string;
  url: string;
  secret_token?: string;
  signing_secret?: string;
  previous_signing_secret?: string | null;
  triggers?: string[];
  headers?: Record<string, string>;
  [k: string]: unknown;
};
export type Doc = {
  hookswitch: 1;
  users?: User[];
  flows?: Flow[];
  webhooks?: Endpoint[];
  mailboxes?: { box: string; name: string; pin?: string }[];
  [section: string]: unknown;
};
export type Draft = {
  document: Doc;
  base: number | null;
  live?: number;
  changes: number;
  findings: Finding[];
  etag?: string;
  changed_by?: string;
  changed_at?: string | null;
};
export type Change = {
  where: string;
  what?: string;
  kind?: string;
  field: string;
  old: unknown;
  new: unknown;
  secret?: boolean;
  text?: string;
};
export type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  anyOf?: Schema[];
  $ref?: string;
  $defs?: Record<string, Schema>;
};
export type ObjectKind = {
  kind: string;
  title: string;
  group: "Basic" | "Advanced options";
  description?: string;
  outputs: { name: string; title: string }[];
  dynamic_outputs?: boolean;
  schema: Schema;
};
export type EventKind = {
  type: string;
  title: string;
  trigger: boolean;
  description?: string;
  summary?: string;
  sample: Record<string, unknown>;
  variables: { name: string; type: string; meaning: string }[];
};
export type Page<T> = { items: T[]; next: string | null };
