"""More calls than the engine can carry, by SIPp: a part is turned away at once, the others and an
emergency call go through, and no event of theirs is missing.

The engine has one processor here and is held to answer within 50 ms, so that a flood of a few
seconds is too much for it on any machine.
"""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
import structlog
from support.office import EVENTS
from support.serving import PASSWORD, SIPP_HOST, Serving, device, serving

from hookswitch.asterisk import process
from hookswitch.asterisk.engine import tool_argv
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import TOOLS, tool_prefix

pytestmark = pytest.mark.usefixtures("engine")

SCENARIOS = Path(__file__).parent / "sipp"
NUMBER = "61300000017"
CALLER, CALLEE = ("-i", SIPP_HOST, "-p", "5091"), ("-i", "127.0.0.4", "-p", "5092")
RATES = (200, 400, 800, 1600)
"""Calls a second for three seconds; the first one that is too much ends the test."""


def document(at: Serving) -> str:
    return at.document(
        users=[
            {"name": "Sipp", "extension": "1002", "devices": [device("sipp")]},
            {"name": "Alice", "extension": "1001", "devices": [device("alice")]},
        ],
        flows=[
            {
                "name": "Flow",
                "objects": [
                    {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
                     "outputs": {"next": "user"}},
                    {"id": "user", "kind": "user", "name": "User", "user": "1002"},
                ],
            }
        ],
        webhooks=[
            {"name": "crm", "url": at.receiver.url("/crm"), "triggers": EVENTS,
             "secret_token": "t", "signing_secret": "whsec_" + "A" * 43 + "="}
        ],
    )  # fmt: skip


async def sipp(at: Serving, cwd: Path, name: str, *options: str) -> str:
    """Run to the end of its calls; gives what it printed."""
    prefix = tool_prefix("sipp")
    await install(TOOLS["sipp"], prefix)
    host, port = at.sip
    running = await asyncio.create_subprocess_exec(
        *tool_argv(prefix, "usr/bin/sipp"), f"{host}:{port}", "-sf", str(SCENARIOS / f"{name}.xml"),
        *options, "-nostdin", "-timeout", "90s",
        cwd=cwd, env={"TERM": "dumb", "LANG": "C.UTF-8"}, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await running.communicate()
    finally:
        if running.returncode is None:
            running.kill()
            await running.wait()
    return said.decode(errors="replace")


@asynccontextmanager
async def answering(at: Serving, cwd: Path) -> AsyncIterator[None]:
    """A registered phone that takes any number of calls."""
    (cwd / "fields.csv").write_text(f"SEQUENTIAL\n{PASSWORD}\n")
    await sipp(at, cwd, "register", "-inf", "fields.csv", "-s", "sipp", *CALLEE, "-m", "1")
    phone = asyncio.create_task(sipp(at, cwd, "answer", *CALLEE, "-aa", "-l", "9000"))
    try:
        yield
    finally:
        phone.cancel()
        await asyncio.gather(phone, return_exceptions=True)


async def flood(at: Serving, cwd: Path, rate: int) -> int:
    """Every call is answered, or turned away: gives how many were."""
    options = ("-r", str(rate), "-m", str(3 * rate), "-l", "9000")
    said = await sipp(at, cwd, "flood", "-s", NUMBER, *CALLER, *options)
    assert counted(said, r"Failed call\s+\|\s+\d+\s+\|\s+(\d+)") == 0, said[-3000:]
    return counted(said, r"503 <-+\s+(\d+)")


def give_one_processor(at: Serving) -> None:
    engine = at.server.supervisor.process
    assert engine is not None
    one = {min(os.sched_getaffinity(0))}
    for thread in Path(f"/proc/{engine.pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), one)


def counted(said: str, pattern: str) -> int:
    return int(re.findall(pattern, said)[-1])


async def until(true: Callable[[], bool], within: float) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.05)


async def asked(at: Serving, path: str) -> str:
    url = f"{at.server.web.url}{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200, "too many calls are no reason to take it for down"
        return await answer.text()


async def help_came(at: Serving) -> str:
    """Alice calls for help; gives the number that the provider was offered."""
    async with at.phone("alice") as alice:
        call = await alice.call("112")
        offered = await asyncio.wait_for(at.carrier.incoming.get(), 30)
        offered.answer()
        await call.answered()
        await call.hang_up()
        return offered.dialled


async def test_a_flood(data: Path, tmp_path: Path) -> None:
    async with serving(data, shed_calls_above_ms=50) as at:
        await at.apply(document(at))
        give_one_processor(at)
        overload = at.server.overload
        turned_away = taken = 0
        with structlog.testing.capture_logs() as logs:
            async with answering(at, tmp_path):
                for rate in RATES:
                    flooding = asyncio.create_task(flood(at, tmp_path, rate))
                    while not flooding.done() and not overload.percent:
                        await asyncio.sleep(0.05)
                    is_too_much = overload.percent > 0
                    if is_too_much:
                        assert await help_came(at) == "112"
                    refused = await flooding
                    turned_away += refused
                    taken += 3 * rate - refused
                    if is_too_much:
                        break
        assert turned_away > 0
        assert taken > 0
        await until(lambda: len(at.receiver.requests) >= taken * len(EVENTS), 90)
        await until(lambda: overload.turned_away == turned_away, 30)
        await until(lambda: overload.percent == 0, 30)
        assert events_of_each_call(at) == {tuple(EVENTS): taken}
        assert f"hookswitch_calls_turned_away_total {turned_away}.0" in await asked(at, "/metrics")
        assert '"load":"ok"' in (await asked(at, "/healthz")).replace(" ", "")
        said_of_it = [log["event"] for log in logs if str(log["event"]).startswith("calls.")]
        assert said_of_it[0] == "calls.too_many"


def events_of_each_call(at: Serving) -> Counter[tuple[str, ...]]:
    """How many calls gave these events, in this order."""
    calls: dict[str, list[tuple[int, str]]] = {}
    for request in at.receiver.requests:
        event = request.event
        calls.setdefault(event["unique_call_id"], []).append((request.sequence, event["type"]))
    return Counter(tuple(kind for _, kind in sorted(events)) for events in calls.values())


async def test_all_is_let_in_when_the_gatekeeper_dies(data: Path) -> None:
    """Another one takes its place."""
    async with serving(data, shed_calls_above_ms=300) as at:
        control = str(at.server.supervisor.layout.control)

        def gatekeepers() -> Sequence[int]:
            found = process.having_argument(control)
            return [one.pid for one, word in found if word == control]

        await until(lambda: len(gatekeepers()) == 1, 10)
        (first,) = gatekeepers()
        os.kill(first, signal.SIGKILL)
        await until(lambda: len(gatekeepers()) == 1 and gatekeepers() != [first], 10)
    assert not gatekeepers()


async def test_nothing_watches_unless_it_is_asked_for(data: Path) -> None:
    async with serving(data) as at:
        control = str(at.server.supervisor.layout.control)
        assert not [word for _, word in process.having_argument(control) if word == control]
