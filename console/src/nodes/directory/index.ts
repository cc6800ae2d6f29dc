import { IconAddressBook } from "@tabler/icons-react";
import type { Face } from "../face";

export const face: Face = {
  icon: IconAddressBook,
  tone: "logic",
  summary: (object) => `By ${String(object.search ?? "last")} name`,
  hints: { search: { label: "Callers spell", words: { first: "The first name", last: "The last name", both: "Either name" } } },
};
