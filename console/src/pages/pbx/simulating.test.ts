import { expect, test } from "vitest";
import type { Flow } from "../../api/types";
import { asked, choosing, fresh, rungBy } from "./simulating";

const FLOW: Flow = {
  name: "Main",
  objects: [
    { id: "alice", kind: "user", name: "Alice", user: "1001" },
    { id: "sales", kind: "ring_group", name: "Sales", members: ["1002", "1001"], external: ["61400000001"], strategy: "random" },
    { id: "support", kind: "queue", name: "Support", members: [{ user: "1003" }], strategy: "random" },
    { id: "gone", kind: "external_number", name: "Mobile", number: "61400000009" },
  ],
};

test("whom a flow rings is each listed once", () => {
  expect(rungBy(FLOW)).toEqual(["1001", "1002", "61400000001", "1003", "61400000009"]);
});

test("who comes first is asked where it is left to chance and there is a choice", () => {
  expect(choosing(FLOW).map(({ id }) => id)).toEqual(["sales"]);
});

test("what is left empty is not said", () => {
  const forwards = [{ user: "1001", when: "busy", target: " 1002 " }, { user: "1001", when: "always", target: "" }, { user: "", when: "busy", target: "1" }];
  const wish = { ...fresh("61300000000"), keys: "1, 2 #", orders: { sales: [] }, forwards };
  expect(asked(wish)).toMatchObject({ press: ["1", "2", "#"], forwards: { 1001: { busy: "1002" } }, orders: {}, hang_up: undefined });
});
