"""Three bad endpoints of fifty: one hangs, one answers 500, one drips. What the others notice.

The load is open: so many events a second, whatever comes of them. Rounds with and without the
three take turns, so that both see the same machine.
"""

import asyncio
import json
import tempfile
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import uvloop
from delivering import Load, delivering, log_to, options, percentile, urls
from sink import Receiver

from hookswitch.model.ids import EndpointId
from hookswitch.store.sqlite import SqliteStore

BAD = ("hang", "500", "drip")


async def one_round(given: Namespace, sink: Receiver, place: Path, *, bad: bool) -> dict[str, Any]:
    store = await SqliteStore.open(place)
    targets = urls(sink.port, given)
    if bad:
        targets[: len(BAD)] = [f"http://127.0.0.1:{sink.port}/bad/{kind}" for kind in BAD]
    load = Load(store, given, targets)
    async with delivering(store, load, sink.port, given, None) as worker:
        until = time.monotonic() + given.seconds
        due = time.monotonic()
        while due < until:
            await load.accept(given.batch, worker.wake)
            due += given.batch / given.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        good = load.accepted - (load.accepted // given.endpoints * len(BAD) if bad else 0)
        async with asyncio.timeout(60):
            while sum(map(len, load.latency_ms.values())) < good - given.batch:
                await asyncio.sleep(0.02)
    await store.close()
    others = [
        ms
        for name, kept in load.latency_ms.items()
        if name not in {EndpointId(f"e{number}") for number in range(len(BAD))}
        for ms in kept
    ]
    return {"ms": others, "attempts_at_bad": load.failed}


async def measure(given: Namespace, sink: Receiver, place: Path) -> dict[str, Any]:
    log_to(place / "log")
    alone: list[float] = []
    beside: list[float] = []
    spent = 0
    for number in range(given.rounds):
        alone += (await one_round(given, sink, place / f"{number}a.db", bad=False))["ms"]
        found = await one_round(given, sink, place / f"{number}b.db", bad=True)
        beside += found["ms"]
        spent += found["attempts_at_bad"]
    reference, figure = percentile(alone, 0.99), percentile(beside, 0.99)
    distinct, total = sink.count()
    return {
        "p99_ms": figure,
        "reference_p99_ms": reference,
        "ratio": round(figure / reference, 2),
        "p50_ms": percentile(beside, 0.5),
        "reference_p50_ms": percentile(alone, 0.5),
        "attempts_at_bad": spent,
        "lost": len(alone) + len(beside) - distinct if distinct < len(alone) + len(beside) else 0,
        "duplicates": total - distinct,
    }


def main() -> None:
    parser = options(__doc__ or "")
    parser.add_argument("--rate", type=int, default=1000, help="events a second")
    parser.add_argument("--rounds", type=int, default=3)
    parser.set_defaults(batch=20, seconds=4.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Receiver() as sink:
        line = uvloop.run(measure(given, sink, Path(folder)))
    print(json.dumps(line))


if __name__ == "__main__":
    main()
