"""Accepts and delivers while its disk is made sick and well again; prints what happened as JSON.

`python sick_disk.py DIRECTORY full` limits the size of files; `... sync` makes each fsync fail,
through a library that was loaded before all others and looks for DIRECTORY/sick.
"""

import asyncio
import base64
import json
import resource
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from hookswitch.app.webhooks.listener import Checks, Listener
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.transport import Answer, Done, Request
from hookswitch.delivery.worker import DeliveryWorker
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.model.secret import Secret
from hookswitch.store.port import StoreError
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
PATIENCE_S = 60.0


class HeldTransport(HttpTransport):
    """The real one; answers are handed on when `go` is set."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard)
        self.go = asyncio.Event()
        self.held = 0
        self._hands: list[asyncio.Task[None]] = []

    def send(self, request: Request, done: Done) -> None:
        super().send(request, partial(self._hold, done))

    def _hold(self, done: Done, answer: Answer | Exception) -> None:
        self.held += 1
        self._hands.append(asyncio.create_task(self._hand_on(done, answer)))

    async def _hand_on(self, done: Done, answer: Answer | Exception) -> None:
        await self.go.wait()
        done(answer)


class Disk:
    """Sick in one of two ways."""

    def __init__(self, place: Path, way: str) -> None:
        self._place = place
        self._way = way
        self._well = resource.getrlimit(resource.RLIMIT_FSIZE)

    def sicken(self) -> None:
        if self._way == "sync":
            (self._place / "sick").touch()
        else:
            most = (self._place / "store.db-wal").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, self._well[1]))

    def heal(self) -> None:
        (self._place / "sick").unlink(missing_ok=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, self._well)


def batch(number: int, size: int) -> Batch:
    event = Event(
        id=EventId(f"e{number}"), type="voicemail", call=CallId(f"c{number}"), revision=1, at=1,
        body=json.dumps({"type": "voicemail", "more": "x" * size}).encode(),
    )  # fmt: skip
    new = NewDelivery(event=event.id, endpoint=EndpointId("crm"), call=event.call)
    return Batch(node="n1", cursor=Cursor(1, number), events=[event], deliveries=[new], at=1)


async def until(condition: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def run(place: Path, way: str) -> dict[str, Any]:
    got: list[str] = []
    store = await SqliteStore.open(place / "store.db")
    disk = Disk(place, way)
    async with Listener(
        lambda one: got.append(one.headers["webhook-id"]), checks=Checks("t", SECRET)
    ) as listener:
        crm = Endpoint(
            id=EndpointId("crm"), name="crm", url=f"http://127.0.0.1:{listener.port}/",
            token=Secret("t"), signing_secrets=(Secret(SECRET),),
        )  # fmt: skip
        transport = HeldTransport(Guard([AllowedNetwork("127.0.0.1/32", (listener.port,))]))
        worker = DeliveryWorker(store, transport, lambda *_: crm, lambda: int(time.time() * 1000))
        running = asyncio.create_task(worker.run())
        for number in range(3):
            await store.commit(batch(number, 100))
        worker.wake()
        await until(lambda: transport.held == 3)
        disk.sicken()
        refused = ""
        accepted = 3
        while not refused and accepted < 500:
            try:
                await store.commit(batch(accepted, 20_000))
                accepted += 1
            except StoreError as error:
                refused = str(error)
        transport.go.set()
        await until(lambda: worker.trouble)
        told = worker.trouble
        disk.heal()
        again = batch(accepted, 20_000)
        await store.commit(again)
        accepted += 1
        worker.wake()
        await until(lambda: len(got) >= accepted and not worker.in_flight)
        states = await store.delivery_counts()
        trouble = worker.trouble
        worker.stop()
        await running
        await transport.close()
    await store.close()
    return {
        "refused": refused, "told": told, "after": trouble, "accepted": accepted,
        "received": len(got), "distinct": len(set(got)), "delivered": states["delivered"],
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Path(sys.argv[1]), sys.argv[2]))) + "\n")
