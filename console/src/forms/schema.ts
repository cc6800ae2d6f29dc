/** Reading JSON Schema as forms need it. */
import type { Finding, Loc, Schema } from "../api/types";

/** Follow a reference and unwrap "or null". */
export function resolve(schema: Schema, root: Schema): Schema & { nullable?: boolean } {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1) ?? "";
    return { ...resolve(root.$defs?.[name] ?? {}, root), ...without(schema, "$ref") };
  }
  const options = schema.anyOf;
  if (options) {
    const real = options.filter((option) => option.type !== "null");
    const nullable = real.length < options.length;
    const [only] = real;
    if (real.length === 1 && only) return { ...resolve(only, root), ...without(schema, "anyOf"), nullable };
  }
  return schema;
}

function without<T extends object>(value: T, key: keyof T): T {
  const rest = { ...value };
  delete rest[key];
  return rest;
}

export const isSecret = (schema: Schema) => schema.format === "password" || schema.writeOnly === true;

/** `ring_time` -> "Ring time". */
export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a required field of a new object holds before anything is typed. */
export function emptyOf(schema: Schema, root: Schema): unknown {
  const real = resolve(schema, root);
  if (real.default !== undefined) return real.default;
  if (real.const !== undefined) return real.const;
  if (real.enum) return real.enum[0];
  switch (real.type) {
    case "array":
      return [];
    case "object":
      return real.properties ? startOf(real, root) : {};
    case "integer":
    case "number":
      return real.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return "";
  }
}

export function startOf(schema: Schema, root: Schema): Record<string, unknown> {
  const required = schema.required ?? [];
  return Object.fromEntries(required.map((name) => [name, emptyOf(schema.properties?.[name] ?? {}, root)]));
}

/** The findings at or below a place, in words. */
export function findingsAt(findings: Finding[], loc: Loc, exact = false): Finding[] {
  return findings.filter((finding) => {
    const own = finding.loc ?? [];
    if (exact ? own.length !== loc.length : own.length < loc.length) return false;
    return loc.every((part, index) => String(own[index]) === String(part));
  });
}
