"""A receiver of webhooks with the standard library's own server.

    HOOKSWITCH_SECRET_TOKEN=... HOOKSWITCH_SIGNING_SECRET=whsec_... python plain_receiver.py

It listens on 127.0.0.1:8000 (PORT) and keeps each event once in calls.db (DATABASE).
"""

import json
import os
import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hookswitch.receiver import UnknownEvent, VerificationError, facts, parse, verify

TOKEN = os.environ["HOOKSWITCH_SECRET_TOKEN"]
SIGNING_SECRET = os.environ["HOOKSWITCH_SIGNING_SECRET"]
DATABASE = os.environ.get("DATABASE", "calls.db")
PORT = int(os.environ.get("PORT", "8000"))


def handle_once(webhook_id, event):
    """Keep the id and what the event does in one transaction: a retry then changes nothing.

    Slow work (other people's services, mail) belongs after the answer: let a job of yours go
    through the table.
    """
    with closing(sqlite3.connect(DATABASE, timeout=10)) as db, db:
        db.execute("CREATE TABLE IF NOT EXISTS events (id PRIMARY KEY, type, call, body)")
        new = db.execute(
            "INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?)",
            (webhook_id, event["type"], event["unique_call_id"], json.dumps(event)),
        ).rowcount
    print("handled" if new else "known already", event["type"], webhook_id, flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.status_for(body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def status_for(self, body):
        try:
            verify(self.headers, body, signing_secret=SIGNING_SECRET, token=TOKEN)
            handle_once(facts(self.headers).id, parse(body))
        except VerificationError as error:
            print("refused:", error, flush=True)
            return 401
        except UnknownEvent:
            return 204  # of a type newer than this program: not worth a retry
        return 204


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever()
