"""From a SIP message to the first byte of its webhook, in milliseconds.

The callee's SIPp writes when it sent its 180, 200 and BYE; the receiver writes when the POST of
`user_inbound`, `user_inbound_answered` and `user_inbound_completed` came. Same clock, same machine.
"""

import argparse
import asyncio
import json
import re
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from office import EVENTS, office, register, run_calls
from sink import Receiver, Request

BLOCK = re.compile(r"^-{20,} (\S+)\nUDP message sent[^\n]*\n\n(.*?)\n\n", re.DOTALL | re.MULTILINE)
CALLER = re.compile(r"sip:6(\d+)@")
MEANING = {"SIP/2.0 180": EVENTS[0], "SIP/2.0 200": EVENTS[1], "BYE ": EVENTS[2]}


def sent(log: str) -> Iterator[tuple[tuple[str, str], float]]:
    """Give caller and event type of each message the callee sent, with its instant."""
    for at, text in BLOCK.findall(log):
        kind = next((event for start, event in MEANING.items() if text.startswith(start)), None)
        caller = CALLER.search(text)
        if kind and caller and " OPTIONS" not in text:
            yield (caller[1], kind), datetime.fromisoformat(at).timestamp()


def came(requests: Iterable[Request]) -> Iterator[tuple[tuple[str, str], float]]:
    for at, text in requests:
        body = json.loads(text)
        yield (body["caller_id"].removeprefix("6"), body["type"]), at


async def measure(rate: int, seconds: int) -> dict[str, object]:
    with (
        tempfile.TemporaryDirectory(prefix="hs-bench-") as folder,
        Receiver(keeps=True) as receiver,
    ):
        cwd = Path(folder) / "sipp"
        cwd.mkdir()
        async with office(Path(folder) / "data", receiver.port) as at:
            await register(cwd, at.sip_port)
            calls = await run_calls(
                cwd, at.sip_port, rate, seconds, "-trace_msg", "-message_file", "answer.log"
            )
            await at.drained()
        distinct, _ = receiver.count()
        sips = dict(reversed(list(sent((cwd / "answer.log").read_text()))))
        posts = dict(came(receiver.requests()))
    waits = {
        kind: sorted(
            (posts[k] - at) * 1000 for k, at in sips.items() if k[1] == kind and k in posts
        )
        for kind in EVENTS
    }
    return {
        "bench": "latency",
        "calls_per_s": rate,
        "failed": calls.failed,
        "lost": calls.succeeded * len(EVENTS) - distinct,
        "samples": sum(map(len, waits.values())),
        **quantiles("", sorted(wait for found in waits.values() for wait in found)),
        **{k: v for kind, found in waits.items() for k, v in quantiles(f"{kind}_", found).items()},
    }


def quantiles(name: str, waits: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(waits, n=100)
    return {f"{name}p50_ms": round(cuts[49], 2), f"{name}p99_ms": round(cuts[98], 2)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.rate, given.seconds))))
