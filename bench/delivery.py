"""Durable deliveries per second on SQLite: accepted, POSTed and recorded, each on disk.

Turns of deliveries and of the reference follow each other, so that both see the same machine; the
figures are medians, and `ratios` tells how far the turns lie apart.
"""

import asyncio
import json
import ssl
import statistics
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import uvloop
from delivering import (
    Load,
    delivering,
    log_to,
    measure_reference,
    options,
    percentile,
    rss_mb,
    urls,
)
from sink import Receiver

from hookswitch.asterisk.configuration.certificate import make_self_signed
from hookswitch.store.port import Store
from hookswitch.store.sqlite import SqliteStore

ADDED = ("lost", "duplicates", "failed_attempts")
HIGHEST = ("accept_ms_p99", "rss_mb")
"""Of the turns; all else is the median."""


async def measure(given: Namespace, sink: Receiver, trust: Any, store: Store) -> dict[str, float]:
    """One turn: deliveries, then the reference."""
    load = Load(store, given, urls(sink.port, given))
    loop = asyncio.get_running_loop()
    began, cpu, own = loop.time(), time.process_time(), time.thread_time()
    async with delivering(store, load, sink.port, given, trust) as worker:
        await load.feed(given.seconds, worker.wake)
        rss = rss_mb()
        cpu, own = time.process_time() - cpu, time.thread_time() - own
    rate = load.done / (load.finished_at - began)
    distinct, total = sink.count()
    known, known_cpu = await measure_reference(sink.port, given, trust, given.seconds / 2)
    sink.count()
    return {
        "deliveries_per_s": round(rate),
        "reference_per_s": round(known),
        "ratio": round(rate / known, 3),
        "lost": load.accepted - distinct,
        "duplicates": total - distinct,
        "failed_attempts": load.failed,
        "accept_ms_p50": percentile(load.accept_ms, 0.5),
        "accept_ms_p99": percentile(load.accept_ms, 0.99),
        "rss_mb": rss,
        "cpu_us": round(cpu / load.done * 1_000_000),
        "cpu_us_of_loop": round(own / load.done * 1_000_000),
        "reference_cpu_us": round(known_cpu * 1_000_000, 1),
    }


def joined(turns: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """One line for all turns, and the ratio of each."""
    line: dict[str, Any] = {}
    for key in turns[0]:
        values = [turn[key] for turn in turns]
        join = sum if key in ADDED else max if key in HIGHEST else statistics.median
        line[key] = join(values)
    return line | {"ratios": [turn["ratio"] for turn in turns]}


async def run(open_store: Callable[[Path], Awaitable[Store]], given: Namespace) -> None:
    turns = []
    with tempfile.TemporaryDirectory() as folder:
        log_to(Path(folder) / "log")
        pem, trust = _certificate(Path(folder)) if given.tls else (None, None)
        with Receiver(pem) as sink:
            for number in range(given.turns):
                store = await open_store(Path(folder) / f"{number}.db")
                turns.append(await measure(given, sink, trust, store))
                await store.close()
    print(json.dumps(joined(turns)))


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The file with key and certificate, and a context that trusts it alone."""
    file = folder / "receiver.pem"
    make_self_signed(file, ["localhost"])
    return file, ssl.create_default_context(cafile=str(file))


def with_turns(about: str) -> ArgumentParser:
    parser = options(about)
    parser.add_argument("--turns", type=int, default=3, help="of deliveries and the reference")
    return parser


def main() -> None:
    uvloop.run(run(SqliteStore.open, with_turns(__doc__).parse_args()))


if __name__ == "__main__":
    main()
