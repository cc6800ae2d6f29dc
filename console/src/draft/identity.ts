/** What secrets and references call an entry of a list by. */
const FIELDS: Record<string, string> = { users: "extension", mailboxes: "box", allowed_networks: "network", numbers: "number", objects: "id" };

export const identityField = (section: string): string => FIELDS[section] ?? "name";
export const identityOf = (section: string, entry: unknown): unknown => (entry as Record<string, unknown> | undefined)?.[identityField(section)];
