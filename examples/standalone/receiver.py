"""A receiver of webhooks that needs Python alone: python receiver.py"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN, SECRET = map(os.environ.get, ("HOOKSWITCH_SECRET_TOKEN", "HOOKSWITCH_SIGNING_SECRET"))
if not TOKEN or not SECRET:
    sys.exit("set HOOKSWITCH_SECRET_TOKEN and HOOKSWITCH_SIGNING_SECRET")
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))
PORT = int(os.environ.get("PORT", "9000"))


def is_genuine(headers, body):
    given = [headers.get(name, "") for name in ("webhook-id", "webhook-timestamp")]
    signed = ".".join(given).encode() + b"." + body
    wanted = b"v1," + base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256))
    fits = [same(wanted, one) for one in headers.get("webhook-signature", "").split()]
    return same(TOKEN.encode(), headers.get("X-Pbx-Token", "")) and any(fits) and is_new(given[1])


def same(wanted, given):
    return hmac.compare_digest(wanted, given.encode())


def is_new(timestamp):
    return timestamp.isdecimal() and abs(time.time() - int(timestamp)) <= 300


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        ok = is_genuine(self.headers, body)
        if ok:
            event = json.loads(body)  # the same webhook-id can come twice: handle it once
            print(self.headers["webhook-id"], event["type"], event["unique_call_id"], flush=True)
        self.send_response(204 if ok else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
