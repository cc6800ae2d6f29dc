/** Who is signed in; kept beside the queries so that a lost session unmounts nothing. */
import { create } from "zustand";

export type Role = "administrator" | "operator" | "read_only";
export type Session = {
  state: "setup" | "anonymous" | "signed_in";
  user: { name: string; role: Role } | null;
  csrf?: string | null;
  version?: string | null;
  address?: string | null;
  started_at?: string;
};

type Auth = {
  session: Session | null;
  csrf: string;
  /** True when the session ended while a page was open. */
  lost: boolean;
  set: (session: Session) => void;
};

export const useAuth = create<Auth>((set) => ({
  session: null,
  csrf: "",
  lost: false,
  set: (session) => set({ session, csrf: session.csrf ?? "", lost: false }),
}));

export function sessionLost(): void {
  if (useAuth.getState().session?.state === "signed_in") useAuth.setState({ lost: true });
}

const RANK: Record<Role, number> = { read_only: 0, operator: 1, administrator: 2 };

/** Whether the signed-in administrator has at least this role. */
export function useAllowed(role: Role): boolean {
  const own = useAuth((state) => state.session?.user?.role);
  return own !== undefined && RANK[own] >= RANK[role];
}
