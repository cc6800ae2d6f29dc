/** Receivers to copy: each verifies the token and the signature before it believes anything. */
import type { EventKind } from "../../api/types";

type Receiver = { id: string; title: string; text: (event: EventKind) => string };

const curl = (event: EventKind) => `# A signed request as Hookswitch sends it, to try your receiver with.
URL=http://127.0.0.1:9000/
TOKEN=your-secret-token
SECRET=whsec_your-signing-secret
ID=msg_test TIME=$(date +%s)
BODY='${JSON.stringify(event.sample).replaceAll("'", "'\\''")}'
KEY=$(printf %s "\${SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf %s "$ID.$TIME.$BODY" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)
curl -i "$URL" -H 'Content-Type: application/json' -H "X-Pbx-Token: $TOKEN" \\
  -H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE" \\
  --data-raw "$BODY"
`;

const python = () => `import base64, hashlib, hmac, json, time
from http.server import BaseHTTPRequestHandler, HTTPServer

TOKEN = "your-secret-token"
KEY = base64.b64decode("whsec_your-signing-secret".removeprefix("whsec_"))


def is_genuine(headers, body):
    if not hmac.compare_digest(headers.get("X-Pbx-Token", ""), TOKEN):
        return False
    if abs(time.time() - int(headers.get("webhook-timestamp", "0"))) > 300:
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(wanted, one) for one in headers["webhook-signature"].split())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        ok = is_genuine(self.headers, body)
        self.send_response(204 if ok else 401)
        self.end_headers()
        if ok:
            event = json.loads(body)  # the same webhook-id can come twice: handle it once
            print(self.headers["webhook-id"], event["type"], event["unique_call_id"])


HTTPServer(("127.0.0.1", 9000), Receiver).serve_forever()
`;

const node = () => `import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const TOKEN = "your-secret-token";
const KEY = Buffer.from("whsec_your-signing-secret".replace("whsec_", ""), "base64");

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function isGenuine(headers, body) {
  const { "x-pbx-token": token = "", "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signatures = "" } = headers;
  if (!same(token, TOKEN) || Math.abs(Date.now() / 1000 - Number(at)) > 300) return false;
  const wanted = "v1," + createHmac("sha256", KEY).update(\`\${id}.\${at}.\`).update(body).digest("base64");
  return signatures.split(" ").some((one) => same(one, wanted));
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const ok = isGenuine(request.headers, body);
  response.writeHead(ok ? 204 : 401).end();
  if (!ok) return;
  const event = JSON.parse(body); // the same webhook-id can come twice: handle it once
  console.log(request.headers["webhook-id"], event.type, event.unique_call_id);
}).listen(9000, "127.0.0.1");
`;

const csharp = () => `using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const string Token = "your-secret-token";
var key = Convert.FromBase64String("whsec_your-signing-secret"["whsec_".Length..]);
var app = WebApplication.CreateBuilder(args).Build();

app.MapPost("/", async (HttpRequest request) =>
{
    using var buffer = new MemoryStream();
    await request.Body.CopyToAsync(buffer);
    var body = buffer.ToArray();
    if (!IsGenuine(request.Headers, body)) return Results.Unauthorized();
    var call = JsonDocument.Parse(body).RootElement; // the same webhook-id can come twice: handle it once
    Console.WriteLine($"{request.Headers["webhook-id"]} {call.GetProperty("type")} {call.GetProperty("unique_call_id")}");
    return Results.NoContent();
});
app.Run("http://127.0.0.1:9000");

bool IsGenuine(IHeaderDictionary headers, byte[] body)
{
    if (!Same(headers["X-Pbx-Token"].ToString(), Token)) return false;
    if (!long.TryParse(headers["webhook-timestamp"], out var at)) return false;
    if (Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - at) > 300) return false;
    byte[] signed = [.. Encoding.UTF8.GetBytes($"{headers["webhook-id"]}.{at}."), .. body];
    var wanted = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    return headers["webhook-signature"].ToString().Split(' ').Any(one => Same(one, wanted));
}

static bool Same(string a, string b) =>
    CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));
`;

const php = () => `<?php
// php -S 127.0.0.1:9000 receiver.php
const TOKEN = 'your-secret-token';
$key = base64_decode(substr('whsec_your-signing-secret', strlen('whsec_')));

function is_genuine(string $body, string $key): bool
{
    $at = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '0';
    if (!hash_equals(TOKEN, $_SERVER['HTTP_X_PBX_TOKEN'] ?? '') || abs(time() - (int) $at) > 300) {
        return false;
    }
    $signed = ($_SERVER['HTTP_WEBHOOK_ID'] ?? '') . ".$at.$body";
    $wanted = 'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true));
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $one) {
        if (hash_equals($wanted, $one)) {
            return true;
        }
    }
    return false;
}

$body = file_get_contents('php://input');
if (!is_genuine($body, $key)) {
    http_response_code(401);
    exit;
}
$event = json_decode($body, true); // the same webhook-id can come twice: handle it once
error_log("{$_SERVER['HTTP_WEBHOOK_ID']} {$event['type']} {$event['unique_call_id']}");
http_response_code(204);
`;

export const RECEIVERS: Receiver[] = [
  { id: "curl", title: "curl", text: curl },
  { id: "python", title: "Python", text: python },
  { id: "node", title: "Node", text: node },
  { id: "csharp", title: "C#", text: csharp },
  { id: "php", title: "PHP", text: php },
];
