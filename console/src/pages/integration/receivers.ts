/** Receivers to copy: each verifies the token and the signature before it believes anything. */
import csharp from "../../../../examples/standalone/receiver.cs?raw";
import node from "../../../../examples/standalone/receiver.mjs?raw";
import php from "../../../../examples/standalone/receiver.php?raw";
import python from "../../../../examples/standalone/receiver.py?raw";
import curl from "../../../../examples/standalone/send.sh?raw";
import type { EventKind } from "../../api/types";

type Receiver = { id: string; title: string; text: (event: EventKind) => string };

/** The request with a sample of the event that is shown. */
const request = ({ sample }: EventKind) =>
  curl.replace(/^BODY=.*$/m, () => `BODY='${JSON.stringify(sample).replaceAll("'", "'\\''")}'`);

export const RECEIVERS: Receiver[] = [
  { id: "curl", title: "curl", text: request },
  { id: "python", title: "Python", text: () => python },
  { id: "node", title: "Node", text: () => node },
  { id: "csharp", title: "C#", text: () => csharp },
  { id: "php", title: "PHP", text: () => php },
];
