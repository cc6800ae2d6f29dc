import { expect, test } from "vitest";
import type { Doc, Finding } from "../api/types";
import { moved } from "./findings";

const DOCUMENT: Doc = {
  hookswitch: 1,
  users: [{ name: "Alice", extension: "1001" }, { name: "", extension: "1002" }],
  flows: [{ name: "Main", objects: [{ id: "in", kind: "number", name: "In" }, { id: "hook", kind: "webhook", name: "Hook" }] }],
};
const at = (...loc: (string | number)[]): Finding => ({ where: "", field: "", message: "", mend: "", severity: "error", loc });
const placesAfter = (change: (document: Doc) => void, ...findings: Finding[]) => {
  const next = structuredClone(DOCUMENT);
  change(next);
  return moved(findings, DOCUMENT, next).map(({ loc }) => loc);
};

test("a finding goes with its entry when one above it is removed", () => {
  expect(placesAfter(({ users }) => users?.splice(0, 1), at("users", 1, "name"))).toEqual([["users", 0, "name"]]);
});

test("a finding goes with its object", () => {
  expect(placesAfter(({ flows }) => flows![0]!.objects.splice(0, 1), at("flows", 0, "objects", 1, "url"))).toEqual([["flows", 0, "objects", 0, "url"]]);
});

test("what is removed takes its findings along", () => {
  const findings = [at("users", 1, "name"), at("flows", 0, "objects", 1, "url"), at("network")];
  expect(placesAfter(({ users, flows }) => [users?.splice(1, 1), flows?.splice(0, 1)], ...findings)).toEqual([["network"]]);
});

test("a renamed entry keeps them until the server has looked again", () => {
  expect(placesAfter(({ users }) => (users![1]!.extension = "1009"), at("users", 1, "name"))).toEqual([["users", 1, "name"]]);
});
