"""Calls a second with every event on, against the bare engine at the same load.

The reference's saturation is searched first: the highest rate with no failed call and hardly an
INVITE sent twice. Then both get 80% of it. `figure` is calls a second, `ratio` ours to the
reference's; `lost` counts events that never came.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from office import EVENTS, Calls, bare_engine, office, register, run_calls
from sink import Receiver

STEP = 40
LATE = 0.02
"""The share of INVITEs sent again above which the engine counts as saturated."""


async def saturation(cwd: Path, sip_port: int, seconds: int) -> int:
    """Give the highest rate, in steps, that the engine keeps up with."""
    rate = STEP
    while True:
        found = await run_calls(cwd, sip_port, rate + STEP, seconds)
        if found.failed or found.retransmitted > LATE * found.placed:
            return rate
        rate += STEP


async def measure(seconds: int, most: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder, Receiver() as receiver:
        data, cwd = Path(folder) / "data", Path(folder) / "sipp"
        cwd.mkdir()
        async with office(data, receiver.port):
            pass  # its configuration is applied, and it ended
        async with bare_engine(data) as sip_port:
            await register(cwd, sip_port)
            highest = most or await saturation(cwd, sip_port, 6)
            rate = round(highest * 0.8)
            reference = await run_calls(cwd, sip_port, rate, min(seconds, 20))
        async with office(data, receiver.port) as at:
            await register(cwd, at.sip_port)
            ours = await run_calls(cwd, at.sip_port, rate, seconds)
            await at.drained()
        return report(ours, reference, highest, receiver.count())


def report(
    ours: Calls, reference: Calls, highest: int, counts: tuple[int, int]
) -> dict[str, object]:
    distinct, total = counts
    return {
        "bench": "calls",
        "figure": round(ours.calls_per_s, 1),
        "reference": round(reference.calls_per_s, 1),
        "ratio": round(ours.calls_per_s / reference.calls_per_s, 3),
        "lost": ours.succeeded * len(EVENTS) - distinct,
        "duplicates": total - distinct,
        "failed": ours.failed,
        "placed": ours.placed,
        "reference_saturation": highest,
        "reference_failed": reference.failed,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--saturation", type=int, default=0, help="take this, do not search")
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.seconds, given.saturation))))
