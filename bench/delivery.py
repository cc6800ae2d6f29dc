"""Durable deliveries per second on SQLite: accepted, POSTed and recorded, each on disk."""

import asyncio
import json
import ssl
import tempfile
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
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


async def measure(
    given: Namespace, sink: Receiver, place: Path, trust: Any, store: Store
) -> dict[str, Any]:
    log_to(place / "log")
    load = Load(store, given, urls(sink.port, given))
    loop = asyncio.get_running_loop()
    began, cpu, own = loop.time(), time.process_time(), time.thread_time()
    async with delivering(store, load, sink.port, given, trust) as worker:
        await load.feed(given.seconds, worker.wake)
        rss = rss_mb()
        cpu, own = time.process_time() - cpu, time.thread_time() - own
    rate = load.done / (load.finished_at - began)
    distinct, total = sink.count()
    known = await measure_reference(sink.port, given, trust, given.seconds / 2)
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
    }


async def run(open_store: Callable[[Path], Awaitable[Store]], given: Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pem, trust = _certificate(Path(folder)) if given.tls else (None, None)
        with Receiver(pem) as sink:
            store = await open_store(Path(folder))
            line = await measure(given, sink, Path(folder), trust, store)
            await store.close()
    print(json.dumps(line))


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The file with key and certificate, and a context that trusts it alone."""
    file = folder / "receiver.pem"
    make_self_signed(file, ["localhost"])
    return file, ssl.create_default_context(cafile=str(file))


def main() -> None:
    given = options(__doc__).parse_args()
    uvloop.run(run(lambda place: SqliteStore.open(place / "store.db"), given))


if __name__ == "__main__":
    main()
