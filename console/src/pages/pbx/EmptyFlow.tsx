import { Button } from "@mantine/core";
import { IconSitemap, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import { useAllowed } from "../../api/auth";
import { ask } from "../../api/client";
import type { Draft } from "../../api/types";
import { replaceBy } from "../../draft/store";
import { Empty, ErrorState } from "../../shared/States";

/** Nothing drawn yet: how to begin, or an example that works at once. */
export function EmptyFlow({ isFirst }: { isFirst: boolean }) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const allowed = useAllowed("operator");
  const start = async () => {
    setBusy(true);
    try {
      await replaceBy((headers) => ask<Draft>("POST", "/api/draft/example", { body: {}, headers }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="canvas-empty">
      <div>
        <Empty
          icon={IconSitemap}
          title={isFirst ? "Draw where calls go" : "This flow is empty"}
          action={isFirst && allowed && <Button leftSection={<IconWand size={16} />} onClick={() => void start()} loading={busy}>Start from an example</Button>}
        >
          Drag an Inbound number here, or click it in the list, then the objects that calls reach, and connect their outputs.
          {isFirst && " The example has a number, a queue, a Webhook object on its timeout, voicemail, a browser phone and a test receiver."}
        </Empty>
        {error !== null && <ErrorState error={error} />}
      </div>
    </div>
  );
}
