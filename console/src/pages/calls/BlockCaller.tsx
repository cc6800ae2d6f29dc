import { Button } from "@mantine/core";
import { IconPhoneOff } from "@tabler/icons-react";
import { useLocation } from "wouter";
import { useAllowed } from "../../api/auth";
import type { Call } from "../../api/types";
import { edit, useDraft } from "../../draft/store";

type Blocked = { numbers?: string[] };

/** Puts who called into the draft's blocked callers: it counts from the next Apply on. */
export function BlockCaller({ call }: { call: Call }) {
  const [, go] = useLocation();
  const allowed = useAllowed("operator");
  const document = useDraft((state) => state.document);
  const { number } = call.caller;
  if (!allowed || !document || !number || call.direction !== "inbound") return null;
  const listed = ((document.blocked_callers as Blocked | undefined)?.numbers ?? []).some((one) => bare(one) === bare(number));
  if (listed) return <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => go("/settings/blocked_callers")}>In the blocked callers</Button>;
  const block = () =>
    edit((draft) => {
      const own = (draft.blocked_callers as Blocked | undefined) ?? {};
      draft.blocked_callers = { ...own, numbers: [...(own.numbers ?? []), number] };
    });
  return <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={block}>Block caller</Button>;
}

const bare = (number: string) => number.replace(/^\+/, "");
