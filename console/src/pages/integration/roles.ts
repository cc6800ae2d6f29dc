import type { Role } from "../../api/auth";

export const ROLES: { value: Role; label: string }[] = [
  { value: "read_only", label: "Read only" },
  { value: "operator", label: "Operator" },
  { value: "administrator", label: "Administrator" },
];
