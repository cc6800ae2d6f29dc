/** One way to the server: JSON in and out, problems thrown, a lost session announced once. */
import { Problem, type ProblemEntry } from "./problem";
import { sessionLost, useAuth } from "./auth";

export type Query = Record<string, string | number | boolean | undefined | null>;
export type Options = {
  query?: Query;
  body?: unknown;
  text?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Goes on though the page is left; of small requests only. */
  outlives?: boolean;
};
export type Answer<T> = { data: T; etag: string | null };

/** Browsers refuse more than 64 KiB in requests that outlive their page. */
const MOST_OUTLIVING = 60_000;
const SAFE = new Set(["GET", "HEAD"]);

export async function ask<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const sent = options.text ?? (options.body === undefined ? null : JSON.stringify(options.body));
  const response = await fetch(path + queryOf(options.query), {
    method,
    credentials: "same-origin",
    signal: options.signal ?? null,
    headers: {
      Accept: "application/json",
      ...(options.body !== undefined && { "Content-Type": "application/json" }),
      ...(options.text !== undefined && { "Content-Type": "application/yaml" }),
      ...(!SAFE.has(method) && { "X-CSRF-Token": useAuth.getState().csrf }),
      ...options.headers,
    },
    body: sent,
    keepalive: options.outlives === true && new Blob([sent ?? ""]).size < MOST_OUTLIVING,
  });
  if (!response.ok) throw await problemOf(response, path);
  const json = response.headers.get("Content-Type")?.includes("json");
  const data = (response.status === 204 ? null : json ? await response.json() : await response.text()) as T;
  return { data, etag: response.headers.get("ETag") };
}

export const get = async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  (await ask<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) })).data;
export const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
  (await ask<T>("POST", path, { body })).data;
export const patch = async <T>(path: string, body: unknown): Promise<T> =>
  (await ask<T>("PATCH", path, { body })).data;
export const remove = async <T>(path: string): Promise<T> => (await ask<T>("DELETE", path)).data;

export function queryOf(query: Query = {}): string {
  const given = Object.entries(query).filter(([, v]) => v !== undefined && v !== null && v !== "");
  const text = new URLSearchParams(given.map(([k, v]) => [k, String(v)])).toString();
  return text && `?${text}`;
}

async function problemOf(response: Response, path: string): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as {
    title?: string;
    detail?: string;
    problems?: ProblemEntry[];
  };
  if (response.status === 401 && !path.startsWith("/api/session") && !path.startsWith("/api/setup")) {
    sessionLost();
  }
  return new Problem(
    response.status,
    body.title ?? response.statusText,
    body.detail ?? "",
    body.problems ?? [],
    Number(response.headers.get("Retry-After")) || undefined,
    response.headers.get("ETag") ?? undefined,
  );
}
