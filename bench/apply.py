"""P7: how long Apply takes with many users; a cold start to the first call; Apply during calls."""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from office import (
    CALLER_HOST,
    CALLER_PORT,
    EVENTS,
    NUMBER,
    PASSWORD,
    Office,
    office,
    register,
    run_calls,
    served,
)
from office import document as small
from sink import Receiver

from hookswitch.app.configuration.submission import Submission
from hookswitch.app.datadir import DataDir
from hookswitch.app.interpreter import keep_what_is, tune_interpreter
from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.phone import NOTHING, Phone
from hookswitch.phone.behaviour import answer_after

COLD_TARGET_S = 6.0
APPLIES, CALLS_PER_S, A_RUN_S = 100, 20, 30
SIZES = {"1000 users, 200 objects": (1000, 200, 1.0), "10000 users": (10_000, 20, 5.0)}


def document(users: int, objects: int, change: int) -> str:
    """JSON is YAML too; `change` tells it from the one before."""
    return json.dumps(
        {
            "hookswitch": 1,
            "users": [
                {
                    "name": f"User {n} {change}",
                    "extension": str(100_000 + n),
                    "devices": [{"username": f"u{n}", "password": f"password-{n}"}],
                }
                for n in range(users)
            ],
            "flows": [
                {
                    "name": "Flow",
                    "objects": [
                        {
                            "id": f"o{n}",
                            "kind": "user",
                            "name": f"Object {n}",
                            "user": str(100_000 + n),
                            "outputs": {"no_answer": f"o{n - 1}"} if n else {},
                        }
                        for n in range(objects)
                    ],
                }
            ],
        }
    )


async def measure(users: int, objects: int, folder: str) -> dict[str, float]:
    """Seconds of the first Apply, of one that renames every user or just one, and of a start."""
    settings = Settings(data_dir=Path(folder), port=0, sip_port=0, log_level="error")
    taken: dict[str, float] = {}
    async with running(settings, say=lambda _text: None) as server:
        keep_what_is()
        texts = {"first": document(users, objects, 0), "again": document(users, objects, 1)}
        texts["one"] = texts["again"].replace("User 7 1", "Alice")
        for name, text in texts.items():
            began, busy = time.perf_counter(), processor()
            await server.submit(Submission(by="bench", text=text))
            taken[name] = round(time.perf_counter() - began, 2)
            taken[f"{name}_cpu"] = round(processor() - busy, 2)
    began = time.perf_counter()
    async with running(settings, say=lambda _text: None):
        taken["start"] = round(time.perf_counter() - began, 2)
    return taken


def processor() -> float:
    """Seconds of ours and of the trial engines, which have ended; the engine's own are its."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def cold() -> float:
    """Seconds from `hookswitch serve` to the first call answered; a provider calls a user."""
    with tempfile.TemporaryDirectory(prefix="hs-bench-") as folder, Receiver() as receiver:
        data = Path(folder)
        async with office(data, receiver.port):
            pass
        began = time.perf_counter()
        async with served(data) as at:
            server = "127.0.0.1", at.sip_port
            callee = Phone("sipp", server=server, password=PASSWORD, on_call=answer_after(0))
            caller = Phone("c", CALLER_HOST, CALLER_PORT, server=server, sound=NOTHING)
            async with callee, caller:
                await callee.register()
                call = await caller.call(NUMBER)
                await call.answered()
                taken = time.perf_counter() - began
                await call.hang_up()
    return round(taken, 2)


async def during() -> dict[str, float]:
    """Apply a hundred times while calls come."""
    with (
        tempfile.TemporaryDirectory(prefix="hs-bench-") as folder,
        Receiver() as receiver,
    ):
        cwd = Path(folder) / "sipp"
        cwd.mkdir()
        async with office(Path(folder) / "data", receiver.port) as at:
            await register(cwd, at.sip_port)
            applying = asyncio.create_task(apply_often(at, receiver.port))
            placed = failed = 0
            while not applying.done():
                calls = await run_calls(cwd, at.sip_port, CALLS_PER_S, A_RUN_S)
                placed, failed = placed + calls.placed, failed + calls.placed - calls.succeeded
            seconds = await applying
            await at.drained()
        told, _ = receiver.count()
    return {
        "applies": APPLIES,
        "calls": placed,
        "dropped": failed,
        "events_missing": (placed - failed) * len(EVENTS) - told,
        "apply_s_median": round(sorted(seconds)[APPLIES // 2], 2),
    }


async def apply_often(at: Office, receiver_port: int) -> list[float]:
    headers = {"Authorization": f"Bearer {DataDir(at.data).token()}"}
    taken = []
    async with aiohttp.ClientSession(at.url, headers=headers) as http:
        for number in range(APPLIES):
            text = small(receiver_port).replace('"name": "Main"', f'"name": "Main {number}"')
            began = time.perf_counter()
            async with http.post("/api/configuration/apply", data=text) as answer:
                if answer.status != 200:
                    raise SystemExit(await answer.text())
            taken.append(time.perf_counter() - began)
    return taken


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--users", type=int, default=10_000, help="leave out what is larger")
    most: int = options.parse_args().users
    tune_interpreter()
    found: dict[str, Any] = {}
    ratio = 0.0
    for name, (users, objects, target) in SIZES.items():
        if users <= most:
            with tempfile.TemporaryDirectory() as folder:
                taken = await measure(users, objects, folder)
            found[name] = {**taken, "target": target}
            ratio = max(ratio, taken["again"] / target)
    started, calls = await cold(), await during()
    ratio = max(ratio, started / COLD_TARGET_S)
    result = {
        "bench": "apply",
        "seconds": found,
        "cold_s": started,
        "during_calls": calls,
        "lost": calls["dropped"] + calls["events_missing"],
        "ratio": round(ratio, 3),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    asyncio.run(main())
