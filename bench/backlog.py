"""A million deliveries wait: how fast the line is, what it keeps in memory, how soon it begins.

For each delivery that is done one is accepted, so the million stays. The reference is the same
with nothing waiting.
"""

import asyncio
import json
import multiprocessing
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import uvloop
from delivering import Load, delivering, log_to, options, rss_mb, urls
from sink import Receiver

from hookswitch.store.sqlite import SqliteStore


def fill(path: Path, given: Namespace, port: int) -> None:
    """In a process of its own, so that its memory is not counted."""

    async def run() -> None:
        store = await SqliteStore.open(path)
        load = Load(store, given, urls(port, given))
        while load.accepted < given.rows:
            await load.accept(1000, lambda: None)
        await store.close()

    uvloop.run(run())


async def measure(given: Namespace, sink: Receiver, path: Path, rows: int) -> dict[str, float]:
    began = time.monotonic()
    store = await SqliteStore.open(path)
    load = Load(store, given, urls(sink.port, given))
    async with delivering(store, load, sink.port, given, None) as worker:
        feeding = asyncio.create_task(keep(load, given, rows, worker.wake))
        while not load.first_at:
            await asyncio.sleep(0.005)
        await asyncio.sleep(1.0)
        done, since = load.done, time.monotonic()
        await asyncio.sleep(given.seconds)
        rate = (load.done - done) / (time.monotonic() - since)
        memory = rss_mb()
        feeding.cancel()
    distinct, total = sink.count()
    await store.close()
    return {
        "rate": rate,
        "rss_mb": memory,
        "first_s": load.first_at - began,
        "lost": max(0, load.done - distinct),
        "duplicates": total - distinct,
    }


async def keep(load: Load, given: Namespace, rows: int, wake: Any) -> None:
    """Accept as much as is done; `given.waiting` more than that if nothing waits."""

    async def side() -> None:
        while True:
            if load.accepted - load.done >= (0 if rows else given.waiting):
                await asyncio.sleep(0.002)
            else:
                await load.accept(given.batch, wake)

    await asyncio.gather(*(side() for _ in range(4)))


async def both(given: Namespace, sink: Receiver, place: Path) -> dict[str, Any]:
    """By turns, so that both see the same machine."""
    log_to(place / "log")
    empty, full = [], []
    for _ in range(given.rounds):
        empty.append(await measure(given, sink, place / "empty.db", 0))
        full.append(await measure(given, sink, place / "full.db", given.rows))
    rate = sum(one["rate"] for one in full) / given.rounds
    known = sum(one["rate"] for one in empty) / given.rounds
    return {
        "deliveries_per_s": round(rate),
        "reference_per_s": round(known),
        "ratio": round(rate / known, 3),
        "waiting": given.rows,
        "rss_mb": max(one["rss_mb"] for one in full),
        "first_post_s": round(max(one["first_s"] for one in full), 2),
        "lost": sum(one["lost"] for one in (*empty, *full)),
        "duplicates": sum(one["duplicates"] for one in (*empty, *full)),
    }


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Receiver() as sink:
        path = Path(folder) / "full.db"
        filling = multiprocessing.get_context("spawn").Process(
            target=fill, args=(path, given, sink.port)
        )
        filling.start()
        filling.join()
        line = uvloop.run(both(given, sink, Path(folder)))
    print(json.dumps(line))


if __name__ == "__main__":
    main()
