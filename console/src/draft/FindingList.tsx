import { Anchor, Stack, Text } from "@mantine/core";
import { useLocation } from "wouter";
import type { Finding } from "../api/types";
import { useCanvas } from "../canvas/view";
import { labelOf } from "../forms/schema";
import { SECTIONS } from "./ChangeList";
import { useDraft } from "./store";

/** Findings in words, each leading to where it is mended. */
export function FindingList({ findings, onGo }: { findings: Finding[]; onGo?: () => void }) {
  const [, go] = useLocation();
  const open = (finding: Finding) => {
    const place = placeOf(finding);
    if (place.object) useCanvas.getState().show(place.flow ?? 0, place.object);
    go(place.path);
    onGo?.();
  };
  return (
    <Stack gap={6}>
      {findings.map((finding, index) => (
        <div key={index}>
          <Anchor component="button" type="button" fz="sm" ta="left" onClick={() => open(finding)}>{nameOf(finding) || finding.where || "Configuration"}</Anchor>
          <Text fz="sm">
            {finding.field && <b>{finding.field.replaceAll("_", " ")}: </b>}
            {finding.message}. <Text component="span" c="dimmed" fz="sm">{sentence(finding.mend)}</Text>
          </Text>
        </div>
      ))}
    </Stack>
  );
}

/** "Voice menu in Office", "User Alice": the object as people know it. */
function nameOf(finding: Finding): string {
  const document = useDraft.getState().document;
  const [first = "", index, field, inner] = finding.loc ?? [];
  const section = String(first);
  const entry = (document?.[section] as { name?: string; network?: string }[] | undefined)?.[Number(index)];
  if (section === "flows") {
    const flow = document?.flows?.[Number(index)];
    const object = field === "objects" ? flow?.objects[Number(inner)] : undefined;
    return object ? `${object.name || object.kind} in ${flow?.name}` : flow ? `Flow ${flow.name}` : "";
  }
  const called = entry?.name ?? entry?.network;
  return called ? `${SECTIONS[section] ?? labelOf(section)} ${called}` : SECTIONS[section] ? "" : labelOf(section);
}

export const sentence = (text: string) => (text ? `${text[0]?.toUpperCase()}${text.slice(1)}.` : "");

function placeOf(finding: Finding): { path: string; flow?: number; object?: string } {
  const [section, index, field, inner] = finding.loc ?? [];
  if (section === "flows") {
    const flow = Number(index ?? 0);
    const found = field === "objects" ? useDraft.getState().document?.flows?.[flow]?.objects[Number(inner)] : undefined;
    return { path: "/pbx", flow, ...(found && { object: found.id }) };
  }
  if (section === "users" || section === "mailboxes") return { path: "/users" };
  if (section === "webhooks") return { path: "/integration/webhooks" };
  if (section === "trunks") return { path: "/settings/trunks" };
  if (section === "allowed_networks") return { path: "/settings/allowed_networks" };
  return { path: `/settings/${String(section ?? "")}` };
}
