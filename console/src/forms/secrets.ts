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
