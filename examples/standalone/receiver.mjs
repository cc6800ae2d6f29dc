// A receiver of webhooks that needs Node alone: node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const {
  HOOKSWITCH_SECRET_TOKEN: TOKEN, HOOKSWITCH_SIGNING_SECRET: SECRET, PORT = "9000",
} = process.env;
if (!TOKEN || !SECRET) throw new Error("set HOOKSWITCH_SECRET_TOKEN and HOOKSWITCH_SIGNING_SECRET");
const KEY = Buffer.from(SECRET.replace("whsec_", ""), "base64");

function same(wanted, given = "") {
  const [a, b] = [Buffer.from(wanted), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function isGenuine(headers, body) {
  const id = headers["webhook-id"], at = headers["webhook-timestamp"];
  const wanted = "v1," + createHmac("sha256", KEY).update(`${id}.${at}.`).update(body).digest("base64");
  const signatures = (headers["webhook-signature"] ?? "").split(" ");
  const isNew = Math.abs(Date.now() / 1000 - Number(at)) <= 300;
  return same(TOKEN, headers["x-pbx-token"]) && isNew && signatures.some((one) => same(wanted, one));
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const event = JSON.parse(body); // the same webhook-id can come twice: handle it once
  console.log(request.headers["webhook-id"], event.type, event.unique_call_id);
  response.writeHead(204).end();
}).listen(Number(PORT), "127.0.0.1");
