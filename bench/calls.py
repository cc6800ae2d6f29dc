"""Calls a second with every event on, against the bare engine at the same load.

The reference's saturation is searched first: the highest rate it keeps up with for half a minute,
no call failed and hardly an INVITE sent twice. Then both get 80% of it. `figure` is calls a second,
`ratio` ours to the reference's; `lost` counts events that never came. A `reference` well below
`asked` tells that the machine had other work: the ratio then says little.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from office import EVENTS, Calls, bare_engine, office, register, run_calls
from sink import Receiver
from usage import ENDED, measured

STEP = 40
LATE = 0.02
"""The share of INVITEs sent again above which the engine counts as saturated."""
BEHIND = 0.06
"""The share of the rate that may be missing in a run of a few seconds: it begins and ends."""


async def saturation(cwd: Path, sip_port: int) -> int:
    """Give the highest rate, in steps, that the engine keeps up with for half a minute.

    Short runs find where to look: a rate above saturation takes a while to fill the queues.
    """
    rate = STEP
    while await _keeps_up(cwd, sip_port, rate + STEP, 6):
        rate += STEP
    while rate > STEP and not await _keeps_up(cwd, sip_port, rate, 30):
        rate -= STEP
    return rate


async def _keeps_up(cwd: Path, sip_port: int, rate: int, seconds: int) -> bool:
    found = await run_calls(cwd, sip_port, rate, seconds)
    late = found.retransmitted > LATE * found.placed
    return not found.failed and not late and found.calls_per_s >= (1 - BEHIND) * rate


async def measure(seconds: int, most: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder, Receiver() as receiver:
        data, cwd = Path(folder) / "data", Path(folder) / "sipp"
        cwd.mkdir()
        async with office(data, receiver.port):
            pass  # its configuration is applied, and it ended
        async with bare_engine(data) as bare:
            await register(cwd, bare.sip_port)
            highest = most or await saturation(cwd, bare.sip_port)
            rate = round(highest * 0.8)
            with measured(engine=bare.pid) as bare_cpu:
                reference = await run_calls(cwd, bare.sip_port, rate, min(seconds, 20))
        async with office(data, receiver.port) as at:
            await register(cwd, at.sip_port)
            pids = {"engine": at.engine_pid, "own": at.process.pid, "receiver": receiver.pid}
            with measured(**pids) as cpu:
                ours = await run_calls(cwd, at.sip_port, rate, seconds)
                await at.drained()
        return report(ours, reference, highest, receiver.count()) | {
            "asked": rate,
            "engine_cpu_us": ours.each_us(cpu["engine"]),
            "our_cpu_us": ours.each_us(cpu["own"]),
            "receiver_cpu_us": ours.each_us(cpu["receiver"]),
            "sipp_cpu_us": ours.each_us(cpu[ENDED]),
            "reference_cpu_us": reference.each_us(bare_cpu["engine"]),
            "reference_sipp_cpu_us": reference.each_us(bare_cpu[ENDED]),
        }


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
        "retransmitted": ours.retransmitted,
        "placed": ours.placed,
        "reference_saturation": highest,
        "reference_failed": reference.failed,
        "reference_retransmitted": reference.retransmitted,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--saturation", type=int, default=0, help="take this, do not search")
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.seconds, given.saturation))))
