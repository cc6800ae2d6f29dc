import { IconUser } from "@tabler/icons-react";
import { type Face, userName } from "../face";

export const face: Face = {
  icon: IconUser,
  tone: "people",
  summary: (object, document) => {
    const name = userName(document, object.user);
    return name ? `${name} · ${String(object.user)}` : "No user chosen";
  },
  hints: {
    user: { label: "User", input: "user", help: "Rings all of this user's phones" },
    ring_time: { unit: "seconds", help: "Empty: the user's own ring time" },
  },
};
