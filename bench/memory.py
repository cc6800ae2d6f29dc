"""Resident memory of our processes, in MB: idle, and with 1,000 calls up. The engine's is apart."""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

import aiohttp
from office import EVENTS, Office, office, register, run_calls
from sink import Receiver

RATE = 50


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise SystemExit(f"process {pid} has no VmRSS")


async def open_calls(at: Office) -> int:
    async with aiohttp.ClientSession() as http, http.get(f"{at.url}/metrics") as answer:
        for line in (await answer.text()).splitlines():
            if line.startswith("hookswitch_calls_open "):
                return int(float(line.split()[1]))
    return 0


async def measure(calls: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder, Receiver() as receiver:
        cwd = Path(folder) / "sipp"
        cwd.mkdir()
        async with office(Path(folder) / "data", receiver.port) as at:
            await register(cwd, at.sip_port)
            idle = resident_mb(at.process.pid)
            seconds = calls // RATE
            # all are up while the last one is placed, and stay so for five seconds more
            talk_ms = (seconds + 5) * 1000
            placing = asyncio.create_task(
                run_calls(cwd, at.sip_port, RATE, seconds, talk_ms=talk_ms)
            )
            up, busy = 0, 0.0
            while not placing.done():
                up = max(up, await open_calls(at))
                busy = max(busy, resident_mb(at.process.pid))
                await asyncio.sleep(0.25)
            found = await placing
            await at.drained()
        distinct, _ = receiver.count()
    return {
        "bench": "memory",
        "idle_mb": idle,
        "busy_mb": busy,
        "calls_up": up,
        "failed": found.failed,
        "lost": found.succeeded * len(EVENTS) - distinct,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    print(json.dumps(asyncio.run(measure(parser.parse_args().calls))))
