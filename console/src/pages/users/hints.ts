import { RECORD } from "../../nodes/call_recording";
import { type Hints, SRTP, TRANSPORTS } from "../../forms/hints";

export const USER_HINTS: Hints = {
  name: {},
  extension: { help: "What colleagues dial" },
  ring_time: { unit: "seconds" },
  email: { label: "Email", placeholder: "ann@example.com", help: "Told of messages in the voicemail box, unless the Voicemail object names others" },
  mailbox: { input: "mailbox", label: "Voicemail box" },
  devices: {
    label: "Phones", entry: "phone", help: "Each has a SIP account of its own; all ring together",
    fields: { username: { label: "User name" }, password: { help: "Made up if you leave it empty" }, kind: { label: "Kind of phone", words: { sip: "Desk phone or softphone", browser: "Browser phone" } }, transport: { words: TRANSPORTS }, srtp: SRTP },
  },
  outbound_caller_id: { label: "Outbound caller id", input: "phone", help: "Shown when calling outside" },
  withhold_caller_id: { label: "Withhold the caller id" },
  record_inbound: { label: "Record inbound calls", fields: RECORD, more: true },
  record_outbound: { label: "Record outbound calls", fields: RECORD, more: true },
  limits: {
    label: "Limits of calls to the outside", more: true,
    fields: { at_once: { label: "At once", help: "Empty: no limit" }, per_minute: { help: "Empty: no limit" }, destinations: { help: "Beginnings of numbers; empty: all" } },
  },
  pickup_groups: { label: "Pickup groups", more: true },
};
