import { Button, Table, Text } from "@mantine/core";
import { IconListDetails, IconPlus } from "@tabler/icons-react";
import { useAllowed } from "../../api/auth";
import { useDocumentSchema } from "../../api/catalogue";
import type { Schema } from "../../api/types";
import { DraftAwaited } from "../../draft/Drafted";
import { edit, useDraft } from "../../draft/store";
import { useOpened } from "../../draft/useOpened";
import { Editable } from "../../forms/Editable";
import { FormPlace } from "../../forms/context";
import { findingsAt, labelOf, resolve, startOf } from "../../forms/schema";
import { SchemaForm } from "../../forms/SchemaForm";
import { Page } from "../../shared/Page";
import { Empty, ErrorState, Loading } from "../../shared/States";
import { EntryDrawer } from "./EntryDrawer";
import { ABOUT, EMPTY, ENTRY_NAMES, SECTION_HINTS } from "./hints";
import { TITLES } from "./titles";
import { TrunkState } from "./TrunkState";

type Entry = Record<string, unknown>;
const SHOWN = 4;
/** Sections whose entries are something in the running system. */
const STATES: Record<string, typeof TrunkState> = { trunks: TrunkState };

/** A section of the document: a list of entries, or one form, as its schema says. */
export function SectionPage({ section }: { section: string }) {
  const root = useDocumentSchema();
  const document = useDraft((state) => state.document);
  const title = TITLES[section] ?? labelOf(section);
  const found = root.data?.properties?.[section];
  if (root.error) return <Page title={title}><ErrorState error={root.error} /></Page>;
  if (!document) return <Page title={title}><DraftAwaited /></Page>;
  if (!root.data) return <Page title={title}><Loading /></Page>;
  if (!found) return <Page title={title}><Empty icon={IconListDetails} title="There is no such section" /></Page>;
  const schema = resolve(found, root.data);
  return schema.type === "array" ? <List section={section} title={title} schema={schema} root={root.data} /> : <Form section={section} title={title} schema={schema} root={root.data} />;
}

type Props = { section: string; title: string; schema: Schema; root: Schema };

function List({ section, title, schema, root }: Props) {
  const items = resolve(schema.items ?? {}, root);
  const rows = useDraft((state) => state.document?.[section]) as Entry[] | undefined;
  const findings = useDraft((state) => state.findings);
  const allowed = useAllowed("operator");
  const { opened, open, close } = useOpened();
  const name = ENTRY_NAMES[section] ?? "entry";
  const State = STATES[section];
  const columns = Object.keys(items.properties ?? {}).filter((key) => !(items.properties?.[key]?.format === "password")).slice(0, SHOWN);
  const add = () => {
    edit((document) => {
      document[section] = [...((document[section] as Entry[] | undefined) ?? []), startOf(items, root)];
    });
    open(section, rows?.length ?? 0);
  };
  return (
    <Page title={title} about={ABOUT[section]} actions={allowed && <Button leftSection={<IconPlus size={15} />} onClick={add}>Add {name}</Button>}>
      <div className="panel table-scroll">
        {!rows?.length ? <Empty icon={IconListDetails} title={`No ${name} yet`}>{EMPTY[section]}</Empty> : (
          <Table>
            <Table.Thead><Table.Tr>{columns.map((key) => <Table.Th key={key}>{labelOf(key)}</Table.Th>)}{State && <Table.Th>State</Table.Th>}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {rows.map((row, index) => (
                <Table.Tr key={index} className="row-link" onClick={() => open(section, index)}>
                  {columns.map((key, at) => (
                    <Table.Td key={key}>
                      {at === 0 ? <Button variant="transparent" size="compact-sm" p={0} color="var(--mantine-color-text)" fw={500}>{show(row[key]) || "New"}</Button> : show(row[key])}
                      {at === 0 && findingsAt(findings, [section, index]).length > 0 && <Text component="span" c="red" fz="xs"> to mend</Text>}
                    </Table.Td>
                  ))}
                  {State && <Table.Td><State name={String(row.name ?? "")} watched={row.watch !== false} /></Table.Td>}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </div>
      {opened && <EntryDrawer key={opened.nth} section={section} index={opened.index} hints={SECTION_HINTS[section] ?? {}} close={close} />}
    </Page>
  );
}

function Form({ section, title, schema, root }: Props) {
  const value = (useDraft((state) => state.document?.[section]) as Entry | undefined) ?? {};
  const findings = useDraft((state) => state.findings);
  const change = (name: string, next: unknown) =>
    edit((document) => {
      const own = { ...((document[section] as Entry | undefined) ?? {}) };
      if (next === undefined) delete own[name];
      else own[name] = next;
      document[section] = own;
    }, `${section}.${name}`);
  return (
    <Page title={title} about={ABOUT[section] ?? schema.description}>
      <div className="panel" style={{ padding: 16, maxWidth: 620 }}>
        <FormPlace value={{ findings, loc: [section], owner: section }}>
          <Editable><SchemaForm schema={schema} root={root} value={value} change={change} hints={SECTION_HINTS[section] ?? {}} /></Editable>
        </FormPlace>
      </div>
    </Page>
  );
}

function show(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(show).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
