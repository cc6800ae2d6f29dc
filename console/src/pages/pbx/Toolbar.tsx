import { ActionIcon, Button, Menu, Select, Text, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp, IconArrowForwardUp, IconBinaryTree2, IconDotsVertical, IconDownload, IconHistory, IconPencil,
  IconPlayerPlay, IconPlus, IconRestore, IconSearch, IconTrash, IconUpload,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import { useAllowed } from "../../api/auth";
import type { Doc } from "../../api/types";
import { freeName } from "../../canvas/edits";
import { useCanvas } from "../../canvas/view";
import { edit, redo, undo, useDraft } from "../../draft/store";
import { DiscardDialog } from "./DiscardDialog";
import { ExchangeDialog } from "./ExchangeDialog";
import { FlowNameDialog } from "./FlowNameDialog";

type Props = { document: Doc; flow: number; layOut: () => void; simulate: () => void };

export function Toolbar({ document, flow, layOut, simulate }: Props) {
  const past = useDraft((state) => state.past);
  const future = useDraft((state) => state.future);
  const findings = useDraft((state) => state.findings);
  const changes = useDraft((state) => state.changes);
  const { chooseFlow, show } = useCanvas.getState();
  const [, go] = useLocation();
  const [dialog, setDialog] = useState<"" | "name" | "import" | "export" | "discard">("");
  const allowed = useAllowed("operator");
  const flows = document.flows ?? [];
  const addFlow = () => {
    edit((draft) => {
      draft.flows = [...(draft.flows ?? []), { name: freeName(draft, "New flow"), objects: [] }];
    });
    chooseFlow(flows.length);
  };
  const removeFlow = () => {
    edit((draft) => {
      draft.flows?.splice(flow, 1);
    });
    chooseFlow(Math.max(0, flow - 1));
  };
  const everything = flows.map((one, index) => ({
    group: one.name,
    items: one.objects.map((object) => ({ value: `${index}/${object.id}`, label: object.name })),
  }));
  return (
    <div className="pbx-bar" role="toolbar" aria-label="Canvas">
      <Select
        size="xs" w={170} aria-label="Flow" allowDeselect={false} data={flows.map((one, index) => ({ value: String(index), label: one.name }))} value={flows.length ? String(flow) : null} placeholder="No flow yet"
        onChange={(value) => chooseFlow(Number(value))} style={{ flex: "none" }}
      />
      <Tool label="New flow" onClick={addFlow} disabled={!allowed}><IconPlus size={17} /></Tool>
      <Menu>
        <Menu.Target><ActionIcon aria-label="More about this flow"><IconDotsVertical size={17} /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setDialog("name")} disabled={!flows.length || !allowed}>Rename flow</Menu.Item>
          <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={removeFlow} disabled={!flows.length || !allowed}>Delete flow</Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconUpload size={15} />} onClick={() => setDialog("import")} disabled={!allowed}>Import YAML</Menu.Item>
          <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => setDialog("export")}>Export YAML</Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconRestore size={15} />} onClick={() => setDialog("discard")} disabled={!changes || !allowed}>Discard the draft</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Divider />
      <Tool label="Undo (Ctrl+Z)" onClick={undo} disabled={!past.length}><IconArrowBackUp size={17} /></Tool>
      <Tool label="Redo (Ctrl+Shift+Z)" onClick={redo} disabled={!future.length}><IconArrowForwardUp size={17} /></Tool>
      <Tool label="Lay out (Ctrl+L)" onClick={layOut} disabled={!allowed}><IconBinaryTree2 size={17} style={{ transform: "rotate(-90deg)" }} /></Tool>
      <Divider />
      <Select
        size="xs" w={180} aria-label="Find an object" placeholder="Find an object" searchable limit={60} leftSection={<IconSearch size={14} />} data={everything} value={null} nothingFoundMessage="No such object" style={{ flex: "none" }}
        onChange={(value) => {
          const [index, id] = (value ?? "").split("/");
          if (id) show(Number(index), id);
        }}
      />
      <span className="gap" />
      {findings.length > 0 && <Text fz="xs" c="red" fw={500} style={{ whiteSpace: "nowrap" }} role="status">{findings.length} to mend</Text>}
      <Button size="xs" variant="default" leftSection={<IconPlayerPlay size={14} />} onClick={simulate} style={{ flex: "none" }}>Simulate</Button>
      <Button size="xs" variant="default" leftSection={<IconHistory size={14} />} onClick={() => go("/pbx/history")} style={{ flex: "none" }}>History</Button>
      {dialog === "name" && <FlowNameDialog flow={flow} name={flows[flow]?.name ?? ""} close={() => setDialog("")} />}
      {(dialog === "import" || dialog === "export") && <ExchangeDialog mode={dialog} close={() => setDialog("")} />}
      {dialog === "discard" && <DiscardDialog close={() => setDialog("")} />}
    </div>
  );
}

const Divider = () => <span aria-hidden style={{ width: 1, height: 20, background: "var(--hs-line)", margin: "0 6px", flex: "none" }} />;

function Tool({ label, onClick, disabled, children }: { label: string; onClick: () => void; disabled?: boolean; children: ReactNode }) {
  return (
    <Tooltip label={label} position="bottom">
      <ActionIcon aria-label={label} onClick={onClick} disabled={disabled ?? false}>{children}</ActionIcon>
    </Tooltip>
  );
}
