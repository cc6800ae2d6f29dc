/** Secrets made in the browser; they go to the server once and come back masked. */
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

export const token = () => base64(random(18)).replaceAll("+", "-").replaceAll("/", "_");
/** A Standard Webhooks secret. */
export const signingSecret = () => `whsec_${base64(random(32))}`;
/** One that people can type into a desk phone. */
export function sipPassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from(random(16), (byte) => letters[byte % letters.length]).join("");
}

const MASK = /^\[secret(?:: (.*))?\]$/;

/** Whether it stands for a secret that is kept; it says whose, so that it follows a renamed owner. */
export const isMasked = (value: unknown): boolean => typeof value === "string" && MASK.test(value);
/** The reference it says. */
export const namedIn = (value: unknown): string | undefined => (typeof value === "string" ? MASK.exec(value)?.[1] : undefined);

/** Our document with the references that the server knows by now; everything typed stays. */
export function withNamesOf<T>(own: T, theirs: T): T {
  const seen = new Map<string, number>();
  const count = (value: unknown): void => {
    const name = namedIn(value);
    if (name) seen.set(name, (seen.get(name) ?? 0) + 1);
    else if (value !== null && typeof value === "object") Object.values(value).forEach(count);
  };
  count(theirs);
  // two owners of one name while it is typed: only the old reference tells them apart
  const take = (mine: unknown, other: unknown): unknown => {
    const name = namedIn(other);
    if (isMasked(mine)) return name && seen.get(name) === 1 ? other : mine;
    if (Array.isArray(mine) && Array.isArray(other)) return mine.map((one, index) => take(one, other[index]));
    if (mine === null || typeof mine !== "object" || other === null || typeof other !== "object") return mine;
    return Object.fromEntries(Object.entries(mine).map(([key, one]) => [key, take(one, (other as Record<string, unknown>)[key])]));
  };
  return take(own, theirs) as T;
}
