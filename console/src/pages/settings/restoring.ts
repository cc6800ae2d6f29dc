/** Bringing a backup to the server, and waiting until it runs again with it. */
import { useAuth } from "../../api/auth";
import { get } from "../../api/client";
import { Problem, type ProblemEntry } from "../../api/problem";

type Body = { title?: string; detail?: string; problems?: ProblemEntry[] };

/** POST a file; `progress` hears the share that is sent, from 0 to 1. */
export function send<T>(path: string, file: File, headers: Record<string, string>, progress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.setRequestHeader("Content-Type", "application/gzip");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(new TypeError("the connection broke"));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status < 300) resolve(body as T);
      else reject(new Problem(request.status, body.title ?? request.statusText, body.detail ?? "", body.problems));
    };
    request.send(file);
  });
}

function parsed(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

const PAUSE_MS = 500;

/** Until another run of the server answers; it does not while it exchanges its data. */
export async function startedAgain(): Promise<void> {
  const before = useAuth.getState().session?.started_at;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const now = await get<{ started_at: string }>("/api/session").catch(() => null);
    if (now && now.started_at !== before) return;
  }
}
