import { IconWebhook } from "@tabler/icons-react";
import { signingSecret, token } from "../../forms/secrets";
import type { Face } from "../face";

const waits = (object: Record<string, unknown>) => object.wait === true || object.wait_for_answer === true;

export const face: Face = {
  icon: IconWebhook,
  tone: "hook",
  summary: (object) => {
    try {
      const url = new URL(String(object.url));
      return url.host + (url.pathname === "/" ? "" : url.pathname);
    } catch {
      return "No URL yet";
    }
  },
  start: () => ({ url: "", secret_token: token(), signing_secret: signingSecret() }),
  outputs: (object) => (waits(object) ? ["success", "failed", "timeout"] : []),
  hints: {
    url: { label: "URL", placeholder: "https://crm.example.com/hooks" },
    secret_token: { label: "Secret Token", input: "secret_token", help: "Sent as X-Pbx-Token with each request" },
    headers: { label: "Headers", help: "Sent with each request of this object" },
    signing_secret: { input: "signing_secret", help: "Signs each request (Standard Webhooks)", more: true },
  },
};
