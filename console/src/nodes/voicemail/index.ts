import { IconRecordMail } from "@tabler/icons-react";
import type { Face } from "../face";

export const face: Face = {
  icon: IconRecordMail,
  tone: "sound",
  summary: (object, document) => {
    const box = document.mailboxes?.find((one) => one.box === object.box);
    return box ? `${box.name} · box ${box.box}` : object.box ? `Box ${String(object.box)}` : "No mailbox chosen";
  },
  hints: {
    box: { label: "Mailbox", input: "mailbox" },
    greeting: { words: { recorded: "The owner's recording, if there is one", default: "Only the request to leave a message", prompt: "A prompt", text: "A text, spoken" } },
    prompt: { input: "prompt", when: (object) => object.greeting === "prompt" },
    text: { input: "textarea", when: (object) => object.greeting === "text" },
    voice: { label: "Language of the voice", when: (object) => object.greeting === "text" },
    max_seconds: { label: "Longest message", unit: "seconds" },
    emails: { label: "Tell by email", placeholder: "Type an address and press Enter" },
    subject: { more: true, help: "Variables: {caller_id} {caller_name} {dest_number} {box} {recorded_at}" },
    message: { input: "textarea", more: true },
    attach_audio: { label: "Attach the audio", more: true },
    delete_after_sending: { label: "Delete it after sending", more: true },
  },
};
