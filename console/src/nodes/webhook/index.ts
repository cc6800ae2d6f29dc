import { IconWebhook } from "@tabler/icons-react";
import { signingSecret, token } from "../../forms/secrets";
import type { FlowObject } from "../../api/types";
import type { Face } from "../face";

type Branch = { cases?: { output?: string }[] };

const cases = (object: FlowObject) =>
  ((object.branch as Branch | null | undefined)?.cases ?? []).map((one) => one.output ?? "").filter(Boolean);
const waits = (object: Record<string, unknown>) => object.wait === true;

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
  outputs: (object) => (waits(object) ? ["success", "failed", "timeout", ...cases(object)] : []),
  hints: {
    url: { label: "URL", placeholder: "https://crm.example.com/hooks" },
    secret_token: { label: "Secret Token", input: "secret_token", help: "Sent as X-Pbx-Token with each request" },
    headers: { label: "Headers", help: "Sent with each request of this object" },
    wait: { label: "Wait for the answer before the call goes on" },
    time_limit: { label: "Time limit", unit: "seconds", help: "Then the call goes on by Timeout", when: waits },
    branch: {
      label: "Branch on the JSON answer",
      when: waits,
      fields: {
        field: { label: "Field of the answer", placeholder: "customer.tier" },
        cases: { entry: "case", help: "The call leaves by the first whose values hold the field", fields: { output: { label: "Name of its output" }, values: {} } },
      },
    },
    signing_secret: { input: "signing_secret", help: "Signs each request (Standard Webhooks)", more: true },
    previous_signing_secret: { input: "signing_secret", help: "During a rotation both sign; empty it when the receiver knows the new one", more: true },
  },
};
