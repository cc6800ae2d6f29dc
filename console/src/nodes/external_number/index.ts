import { IconPhoneOutgoing } from "@tabler/icons-react";
import type { Face } from "../face";

export const face: Face = {
  icon: IconPhoneOutgoing,
  tone: "people",
  summary: (object) => String(object.number || "No number yet"),
  hints: {
    number: {},
    ring_time: { label: "Ring time" },
    caller_id: { label: "Caller id", help: "Empty: the route's", more: true },
    keep_caller: { label: "Show the caller's own number", more: true },
    route: { label: "Route", help: "Empty: the first that fits", more: true },
    trunk: { label: "Trunk", more: true },
  },
};
