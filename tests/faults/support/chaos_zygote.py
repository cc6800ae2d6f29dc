"""Begins processes of ours by forking one that has loaded everything: killing many takes seconds.

One JSON object per line on standard input asks for a process; one per line on standard output
tells of it (`began`), of what it accepted (`accepted`), and of its end (`ended`).
"""

import asyncio
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.model.secret import Secret
from hookswitch.store.port import Store, StoreError
from hookswitch.store.postgres import PostgresStore, workers
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore

SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
LADDER = (30,) * 200
ENDPOINTS = ("e0", "e1", "e2")


def say(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def batch(run: str, number: int, now: int) -> Batch:
    """The same for the same number, whichever process makes it: the journal's part."""
    call = CallId(f"{run}.{number // 3}")
    events = [
        Event(
            id=EventId(f"evt_{run}_{number}_{place}"),
            type="user_inbound",
            call=call,
            revision=1,
            at=0,
            body=f'{{"type":"user_inbound","n":{number},"place":{place}}}'.encode(),
        )
        for place in range(2)
    ]
    deliveries = [
        NewDelivery(event=event.id, endpoint=EndpointId(name), call=call)
        for event in events
        for name in ENDPOINTS
    ]
    return Batch(node=run, cursor=Cursor(1, number), events=events, deliveries=deliveries, at=now)


async def accept(store: Store, asked: dict[str, Any], worker: DeliveryWorker, clock: Any) -> None:
    """Read again what was not told of, as the live line does; what is told here is a promise."""
    number = asked["after"] + 1
    while number <= asked["upto"]:
        try:
            await store.commit(batch(asked["run"], number, clock()))
        except StoreError:
            await asyncio.sleep(0.02)
            continue
        say(accepted=number)
        worker.wake()
        number += 1
        await asyncio.sleep(0.002)


async def live(asked: dict[str, Any]) -> None:
    # soon enough for a test; what is at work is the same
    workers.BEAT_S, workers.DEAD_AFTER = 0.2, workers.dt.timedelta(seconds=1)

    def clock() -> int:
        return time.time_ns() // 1_000_000 + asked["clock_ms"]

    store = await opened(asked)
    port = asked["port"]
    endpoints = {
        EndpointId(name): Endpoint(
            id=EndpointId(name),
            name=name,
            url=f"http://127.0.0.1:{port}/{name}",
            token=Secret("t"),
            signing_secrets=(Secret(SECRET),),
        )
        for name in ENDPOINTS
    }
    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]))
    settings = WorkerSettings(
        idle_poll_s=0.1, window_ms=200, send=SendSettings(retry=RetrySettings(ladder=LADDER))
    )
    worker = DeliveryWorker(store, transport, lambda name, _: endpoints[name], clock, settings)
    store.on_news("deliveries", worker.wake)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run())
        if asked["upto"]:
            group.create_task(accept(store, asked, worker, clock))


async def opened(asked: dict[str, Any]) -> Store:
    while True:
        try:
            if asked["store"].startswith("postgresql"):
                return await PostgresStore.open(asked["store"])
            return await SqliteStore.open(Path(asked["store"]))
        except StoreError:
            await asyncio.sleep(0.02)


def begin(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        os.close(0)
        try:
            asyncio.run(live(asked))
        except BaseException:  # noqa: BLE001  whatever ends it but a kill is a fault, and is shown
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(9)
    return pid


def reap(left: Sequence[int]) -> list[int]:
    alive = []
    for pid in left:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            say(ended=pid, status=status)
        else:
            alive.append(pid)
    return alive


def main() -> None:
    logging.disable()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    alive: list[int] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if "reap" not in asked:
            pid = begin(asked)
            alive.append(pid)
            say(began=pid)
        else:
            alive = reap(alive)
            say(alive=alive)


main()
