import { Button, Text, Tooltip } from "@mantine/core";
import { IconCircleCheck, IconCloudUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useAllowed } from "../api/auth";
import { ApplyDialog } from "./ApplyDialog";
import { useDraft } from "./store";

const SAID: Record<string, string> = { waiting: "Saving…", saving: "Saving…", failed: "Not saved", conflict: "Not saved" };

/** Red as soon as the draft differs from what is live; the number says by how much. */
export function ApplyButton() {
  const { changes, saving, document, live } = useDraft();
  const [opened, open] = useState(false);
  const allowed = useAllowed("operator");
  if (!document) return null;
  const pending = changes > 0 || saving === "waiting" || saving === "saving";
  return (
    <>
      {pending ? (
        <Button
          color="red.9"
          autoContrast={false}
          leftSection={<IconCloudUpload size={16} />}
          onClick={() => open(true)}
          disabled={!allowed}
          data-testid="apply"
          styles={{ root: { flex: "none" } }}
        >
          Apply<span className="wide">&nbsp;configuration</span>{changes > 0 && <span className="num">&nbsp;({changes})</span>}
        </Button>
      ) : (
        <Tooltip label={live ? `The draft is what is live: revision ${live}` : "Nothing is live yet"}>
          <Text c="dimmed" fz="xs" style={{ display: "flex", alignItems: "center", gap: 5, whiteSpace: "nowrap" }} data-testid="in-force">
            <IconCircleCheck size={15} aria-hidden /> {SAID[saving] ?? (live ? `Revision ${live} is live` : "Nothing live yet")}
          </Text>
        </Tooltip>
      )}
      {opened && <ApplyDialog close={() => open(false)} />}
    </>
  );
}
