"""A receiver of webhooks with Flask: pip install flask hookswitch.

    HOOKSWITCH_SECRET_TOKEN=... HOOKSWITCH_SIGNING_SECRET=whsec_... python flask_receiver.py

It listens on 127.0.0.1:8000 (PORT) and keeps each event once in calls.db (DATABASE).
"""

import json
import os
import sqlite3
from contextlib import closing

from flask import Flask, request

from hookswitch.receiver import UnknownEvent, VerificationError, facts, parse, verify

TOKEN = os.environ["HOOKSWITCH_SECRET_TOKEN"]
SIGNING_SECRET = os.environ["HOOKSWITCH_SIGNING_SECRET"]
DATABASE = os.environ.get("DATABASE", "calls.db")
PORT = int(os.environ.get("PORT", "8000"))

app = Flask(__name__)


@app.post("/")
def receive():
    body = request.get_data()  # the bytes as they came: the signature is over these
    verify(request.headers, body, signing_secret=SIGNING_SECRET, token=TOKEN)
    handle_once(facts(request.headers).id, parse(body))
    return "", 204


@app.errorhandler(VerificationError)
def refused(error):
    return str(error), 401


@app.errorhandler(UnknownEvent)
def unknown(_error):
    return "", 204  # of a type newer than this program: not worth a retry


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


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=PORT)
