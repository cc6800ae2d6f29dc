import type { ReactNode } from "react";
import { useAllowed } from "../api/auth";

/** Fields that can be read, but not changed, by who may only read. */
export function Editable({ children }: { children: ReactNode }) {
  const allowed = useAllowed("operator");
  return allowed ? children : <fieldset disabled className="read-only">{children}</fieldset>;
}
