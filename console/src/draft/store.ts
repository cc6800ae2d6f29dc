/**
 * The one draft that all pages edit: typed changes live here at once, are saved by themselves, and
 * stay when saving fails, the session ends or somebody else saved first.
 */
import { create } from "zustand";
import { type Answer, ask } from "../api/client";
import { useAuth } from "../api/auth";
import { Problem } from "../api/problem";
import type { Doc, Draft, Finding } from "../api/types";
import { moved } from "./findings";
import { withNamesOf } from "../forms/secrets";

export type Saving = "loading" | "saved" | "waiting" | "saving" | "failed" | "conflict";

type State = {
  document: Doc | null;
  etag: string;
  view: string;
  base: number | null;
  live: number | null;
  changes: number;
  findings: Finding[];
  changedBy: string;
  saving: Saving;
  error: unknown;
  past: Doc[];
  future: Doc[];
  /** Another one whenever the document is not the one that was edited here. */
  epoch: number;
};

const LONGEST_PAST = 200;
const QUIET_MS = 500;
const RETRY_MS = 3000;

export const useDraft = create<State>(() => ({
  document: null,
  etag: "",
  view: "",
  base: null,
  live: null,
  changes: 0,
  findings: [],
  changedBy: "",
  saving: "loading",
  error: null,
  past: [],
  future: [],
  epoch: 0,
}));

let timer: ReturnType<typeof setTimeout> | undefined;
let running: Promise<void> | null = null;
let merging = "";
/** Requests for the draft, counted; answers that come after a later one's are of the past. */
let asked = 0;
let heard = 0;

/** Fetch the draft; local changes that are not saved yet are kept. */
export async function loadDraft(): Promise<void> {
  const before = useDraft.getState();
  if (before.saving !== "loading" && before.saving !== "saved") return;
  asked += 1;
  const own = asked;
  try {
    const { data, etag } = await ask<Draft>("GET", "/api/draft");
    const now = useDraft.getState();
    if (now.saving !== "loading" && now.saving !== "saved") return;
    if (own < heard) return;
    // changed and saved while this was asked: it may be older than what is here
    if (now.document !== before.document) return await loadDraft();
    heard = own;
    const tag = data.etag ?? bare(etag);
    if (tag === now.etag && now.document) {
      useDraft.setState({ ...told(data), saving: "saved", error: null });
      return;
    }
    merging = "";
    useDraft.setState(({ epoch }) => ({ ...told(data), document: data.document, etag: tag, saving: "saved", error: null, past: [], future: [], epoch: epoch + 1 }));
  } catch (error) {
    if (!useDraft.getState().document) useDraft.setState({ error });
  }
}

/** Fetch the draft if the server has another one, or says something new of it: large ones take a while. */
export async function look(): Promise<void> {
  const { saving, view } = useDraft.getState();
  if (saving === "saved") {
    const now = await ask<{ view: string }>("GET", "/api/draft/view").catch(() => null);
    if (!now || now.data.view === view) return;
  }
  await loadDraft();
}

/** Replace the draft as a whole (import, example): what is typed is saved before, and stays one undo away. */
export async function replaceBy(act: (match: Record<string, string>) => Promise<Answer<Draft>>): Promise<void> {
  await saved();
  const exchange = (async () => {
    const { data, etag } = await act({ "If-Match": `"${useDraft.getState().etag}"` });
    adopt(data, etag);
  })();
  // nothing is saved meanwhile: it would be refused as somebody else's
  running = exchange.catch(() => undefined);
  try {
    await exchange;
  } finally {
    running = null;
    if (useDraft.getState().saving === "waiting") schedule(0);
  }
}

function adopt(data: Draft, etag: string | null): void {
  clearTimeout(timer);
  merging = "";
  useDraft.setState((state) => ({
    ...told(data),
    document: data.document,
    etag: data.etag ?? bare(etag),
    past: state.document ? [...state.past, state.document].slice(-LONGEST_PAST) : [],
    future: [],
    saving: "saved",
    error: null,
    epoch: state.epoch + 1,
  }));
}

/** Change a copy of the document; changes with the same `merge` count as one step of undo. */
export function edit(change: (document: Doc) => void, merge = ""): void {
  const { document, past, findings, saving } = useDraft.getState();
  if (!document) throw new Error("edited before the draft is there");
  if (useAuth.getState().session?.user?.role === "read_only") return;
  const next = structuredClone(document);
  change(next);
  const joined = merge !== "" && merge === merging && past.length > 0;
  merging = merge;
  useDraft.setState({
    document: next,
    past: joined ? past : [...past, document].slice(-LONGEST_PAST),
    future: [],
    findings: moved(findings, document, next),
    saving: saving === "conflict" ? "conflict" : "waiting",
  });
  schedule(QUIET_MS);
}

export function undo(): void {
  const { document, past, future } = useDraft.getState();
  const last = past.at(-1);
  if (!last || !document) return;
  move(last, past.slice(0, -1), [document, ...future]);
}

export function redo(): void {
  const { document, past, future } = useDraft.getState();
  const [first, ...rest] = future;
  if (!first || !document) return;
  move(first, [...past, document], rest);
}

function move(document: Doc, past: Doc[], future: Doc[]): void {
  merging = "";
  useDraft.setState((state) => ({ document, past, future, findings: state.document ? moved(state.findings, state.document, document) : [], saving: state.saving === "conflict" ? "conflict" : "waiting" }));
  schedule(QUIET_MS);
}

/** In a conflict: save ours over theirs, having seen it. */
export async function overwrite(): Promise<void> {
  const { etag } = await ask<Draft>("GET", "/api/draft");
  useDraft.setState({ etag: bare(etag), saving: "waiting" });
  await save();
}

/** In a conflict: take theirs. Ours stays one step of undo away. */
export async function takeTheirs(): Promise<void> {
  const { data, etag } = await ask<Draft>("GET", "/api/draft");
  adopt(data, etag);
}

/** Wait until everything typed is with the server; throws if it cannot be. */
export async function saved(): Promise<void> {
  clearTimeout(timer);
  await save();
  const { saving, error } = useDraft.getState();
  if (saving !== "saved") throw error ?? new Problem(409, "Not saved", "the draft could not be saved yet");
}

/** Forget everything: somebody else may sign in. */
export function forget(): void {
  clearTimeout(timer);
  heard = asked + 1;
  useDraft.setState(useDraft.getInitialState(), true);
}

/** Try again at once, for example after signing in. */
export function retry(): void {
  if (useDraft.getState().saving === "failed") schedule(0);
}

/** Save now what waits for a pause in typing: the page may be about to go. */
export function flush(): void {
  if (useDraft.getState().saving !== "waiting") return;
  clearTimeout(timer);
  void save();
}

function schedule(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void save(), ms);
}

async function save(): Promise<void> {
  while (running) await running;
  const { saving } = useDraft.getState();
  if (saving !== "waiting" && saving !== "failed") return;
  running = put();
  await running;
  running = null;
  if (useDraft.getState().saving === "waiting") await save();
}

async function put(): Promise<void> {
  const { document: sent, etag } = useDraft.getState();
  useDraft.setState({ saving: "saving" });
  try {
    const answer = await ask<Draft>("PUT", "/api/draft", { body: sent, outlives: true, headers: { "If-Match": `"${etag}"` } });
    const unchanged = useDraft.getState().document === sent;
    useDraft.setState({
      ...told(answer.data),
      etag: answer.data.etag ?? bare(answer.etag),
      saving: unchanged ? "saved" : "waiting",
      ...(unchanged && sent && { document: withNamesOf(sent, answer.data.document) }),
      error: null,
    });
  } catch (error) {
    const stale = error instanceof Problem && error.status === 412;
    useDraft.setState({ saving: stale ? "conflict" : "failed", error });
    const refused = error instanceof Problem && error.status < 500;
    if (!refused) schedule(RETRY_MS);
  }
}

const told = (data: Draft) => ({
  view: data.view,
  base: data.base,
  live: data.live ?? data.base,
  changes: data.changes,
  findings: data.findings,
  changedBy: data.changed_by ?? "",
});

function bare(etag: string | null): string {
  return (etag ?? "").replace(/^W\//, "").replaceAll('"', "");
}
