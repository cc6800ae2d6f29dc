import type { Hints } from "../../forms/hints";

export const USER_HINTS: Hints = {
  name: {},
  extension: { help: "What colleagues dial" },
  ring_time: { unit: "seconds" },
  mailbox: { input: "mailbox", label: "Voicemail box" },
  devices: {
    label: "Phones", entry: "phone", help: "Each has a SIP account of its own; all ring together",
    fields: { username: { label: "User name" }, password: { help: "Made up if you leave it empty" }, kind: { label: "Kind of phone", words: { sip: "Desk phone or softphone", browser: "Browser phone" } } },
  },
  forward_always: { more: true },
};
