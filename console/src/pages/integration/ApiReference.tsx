import { Accordion, Badge, Button, Group, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ask, get } from "../../api/client";
import { explain } from "../../api/problem";
import { Code } from "../../shared/Copy";
import { Loaded } from "../../shared/States";
import { useDeed } from "../../shared/useDeed";

type Parameter = { name: string; in: string; required?: boolean; description?: string };
type Operation = { summary?: string; description?: string; parameters?: Parameter[]; requestBody?: unknown; "x-role"?: string };
type Document = { paths: Record<string, Record<string, Operation>> };

const COLORS: Record<string, string> = { get: "blue", post: "green", put: "orange", patch: "orange", delete: "red" };

/** The routes, each with a form to try it as the administrator who is signed in. */
export function ApiReference() {
  const [wanted, setWanted] = useState("");
  const document = useQuery({ queryKey: ["openapi"], queryFn: () => get<Document>("/api/openapi.json"), staleTime: Infinity });
  return (
    <section className="panel" style={{ padding: 16, marginTop: 16 }}>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Reference</Title>
        <TextInput size="xs" placeholder="Find a route" aria-label="Find a route" value={wanted} onChange={(e) => setWanted(e.target.value)} />
      </Group>
      <Loaded query={document}>
        {({ paths }) => (
          <Accordion variant="separated" chevronPosition="left" order={3}>
            {Object.entries(paths).flatMap(([path, methods]) =>
              Object.entries(methods)
                .filter(([, operation]) => `${path} ${operation.summary} ${operation.description}`.toLowerCase().includes(wanted.toLowerCase()))
                .map(([method, operation]) => (
                  <Accordion.Item key={`${method} ${path}`} value={`${method} ${path}`}>
                    <Accordion.Control>
                      <Group gap="sm" wrap="nowrap">
                        <Badge variant="light" color={COLORS[method] ?? "gray"} w={64} style={{ flex: "none" }}>{method}</Badge>
                        <span className="mono">{path}</span>
                        <Text fz="xs" c="dimmed" truncate visibleFrom="sm">{operation.description}</Text>
                      </Group>
                    </Accordion.Control>
                    <Accordion.Panel><Try method={method} path={path} operation={operation} /></Accordion.Panel>
                  </Accordion.Item>
                )),
            )}
          </Accordion>
        )}
      </Loaded>
    </section>
  );
}

function Try({ method, path, operation }: { method: string; path: string; operation: Operation }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState("{}");
  const [answer, setAnswer] = useState("");
  const { busy, run } = useDeed();
  const parameters = (operation.parameters ?? []).filter((one) => one.in !== "cookie");
  const send = async () => {
    const of = (where: string) => Object.fromEntries(parameters.filter((one) => one.in === where).flatMap((one) => (values[one.name] ? [[one.name, values[one.name]!]] : [])));
    const target = path.replace(/\{([^}:]+)[^}]*\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
    try {
      const { data } = await ask<unknown>(method.toUpperCase(), target, { query: of("query"), headers: of("header"), ...(operation.requestBody !== undefined && { body: JSON.parse(body) as unknown }) });
      setAnswer(typeof data === "string" ? data : JSON.stringify(data, null, 2));
    } catch (error) {
      const { title, detail } = explain(error);
      setAnswer(`${title}\n${detail}`);
    }
  };
  return (
    <Stack gap="xs">
      <Text c="dimmed">{operation.description}{operation["x-role"] && ` Needs the role ${operation["x-role"].replace("_", " ")}.`}</Text>
      {parameters.map((one) => (
        <TextInput key={one.name} size="xs" label={one.name} required={one.required ?? false} description={one.description} value={values[one.name] ?? ""} onChange={(e) => setValues({ ...values, [one.name]: e.target.value })} />
      ))}
      {operation.requestBody !== undefined && <Textarea size="xs" label="Body" value={body} onChange={(e) => setBody(e.target.value)} autosize styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} />}
      <Group><Button size="xs" variant="default" onClick={() => void run(send)} loading={busy}>Try it</Button></Group>
      {answer && <Code label="answer" text={answer} />}
    </Stack>
  );
}
