import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Session, sessionLost, useAuth } from "./auth";
import { get, post, remove } from "./client";

export function useSession() {
  const found = useQuery({
    queryKey: ["session"],
    queryFn: () => get<Session>("/api/session"),
    staleTime: 60_000,
    retry: 2,
  });
  const set = useAuth((state) => state.set);
  useEffect(() => {
    if (!found.data) return;
    const isLost = found.data.state === "anonymous" && useAuth.getState().session?.state === "signed_in";
    if (isLost) sessionLost();
    else set(found.data);
  }, [found.data, set]);
  return found;
}

/** After signing in or out: ask who we are now. */
export function useRenewSession(): () => Promise<void> {
  const queries = useQueryClient();
  const set = useAuth((state) => state.set);
  return async () => {
    await queries.cancelQueries({ queryKey: ["session"] }); // its answer would be of before
    const session = await get<Session>("/api/session");
    set(session);
    queries.setQueryData(["session"], session);
    await queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  };
}

export const signIn = (name: string, password: string, totp?: string) =>
  post<Session>("/api/session", { name, password, ...(totp && { totp }) });
export const setUp = (code: string, name: string, password: string) =>
  post<Session>("/api/setup", { code, name, password });
export const signOut = () => remove<void>("/api/session");
