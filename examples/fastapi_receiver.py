"""A receiver of webhooks with FastAPI: pip install fastapi uvicorn hookswitch.

    HOOKSWITCH_SECRET_TOKEN=... HOOKSWITCH_SIGNING_SECRET=whsec_... python fastapi_receiver.py

It listens on 127.0.0.1:8000 (PORT) and keeps each event once in calls.db (DATABASE).
"""

import json
import os
import sqlite3
from contextlib import closing

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool

from hookswitch.receiver import UnknownEvent, VerificationError, facts, parse, verify

TOKEN = os.environ["HOOKSWITCH_SECRET_TOKEN"]
SIGNING_SECRET = os.environ["HOOKSWITCH_SIGNING_SECRET"]
DATABASE = os.environ.get("DATABASE", "calls.db")
PORT = int(os.environ.get("PORT", "8000"))

app = FastAPI()


@app.post("/", status_code=204)
async def receive(request: Request) -> None:
    body = await request.body()  # the bytes as they came: the signature is over these
    verify(request.headers, body, signing_secret=SIGNING_SECRET, token=TOKEN)
    await run_in_threadpool(handle_once, facts(request.headers).id, parse(body))


@app.exception_handler(VerificationError)
async def refused(_request: Request, error: VerificationError) -> Response:
    return Response(str(error), status_code=401)


@app.exception_handler(UnknownEvent)
async def unknown(_request: Request, _error: UnknownEvent) -> Response:
    return Response(status_code=204)  # of a type newer than this program: not worth a retry


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
    uvicorn.run(app, host="127.0.0.1", port=PORT)
