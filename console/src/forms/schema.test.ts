import { expect, test } from "vitest";
import { findingsAt, resolve, startOf } from "./schema";

const ROOT = {
  $defs: { Member: { type: "object", required: ["user"], properties: { user: { type: "string" }, penalty: { type: "integer", default: 0 } } } },
  required: ["members", "box", "on"],
  properties: { members: { type: "array", items: { $ref: "#/$defs/Member" } }, box: { type: "string" }, on: { type: "boolean" }, extra: { type: "string" } },
};

test("a new object holds what is required, empty", () => {
  expect(startOf(ROOT, ROOT)).toEqual({ members: [], box: "", on: false });
});

test("a reference and a null beside it are seen through", () => {
  const found = resolve({ anyOf: [{ $ref: "#/$defs/Member" }, { type: "null" }], default: null }, ROOT);
  expect(found).toMatchObject({ type: "object", nullable: true, default: null });
});

test("findings belong to their place and what is above it", () => {
  const finding = { where: "", field: "", message: "", mend: "", severity: "error", loc: ["flows", 0, "objects", 1, "url"] };
  expect(findingsAt([finding], ["flows", 0, "objects", 1])).toEqual([finding]);
  expect(findingsAt([finding], ["flows", "0", "objects", "1", "url"], true)).toEqual([finding]);
  expect(findingsAt([finding], ["flows", 0, "objects", 11])).toEqual([]);
  expect(findingsAt([finding], ["flows", 0, "objects", 1], true)).toEqual([]);
});
