/** What a form cannot know from the schema alone; given per kind and field. */
export type Input =
  | "user" | "users" | "numbers" | "called" | "prompt" | "mailbox" | "trunk" | "trunks" | "queues" | "phone" | "textarea" | "timezone" | "hidden" | "secret_token" | "signing_secret"
  | "weekdays" | "months" | "readonly";
export type Hint = {
  label?: string;
  help?: string;
  unit?: string;
  placeholder?: string;
  input?: Input;
  /** Words for the values of an enumeration. */
  words?: Record<string, string>;
  /** Hints for the fields of a list's entries. */
  fields?: Hints;
  /** What one entry of a list is called. */
  entry?: string;
  /** Shown only when this is true of the object. */
  when?: (value: Record<string, unknown>) => boolean;
  /** Belongs below "More settings". */
  more?: boolean;
};
export type Hints = Record<string, Hint>;

/** Words for what phones and trunks are connected by. */
export const TRANSPORTS = { udp: "UDP", tcp: "TCP", tls: "TLS" };
export const SRTP: Hint = { label: "Encrypted audio (SRTP)", words: { off: "Off", optional: "If the other side can", required: "Required" } };
