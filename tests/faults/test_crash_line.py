"""Our process, killed at each point of a real call; nothing may be lost, doubled or renumbered.

Doubles: none. The server is a child process that kills itself at a chosen point of the store; the
oracle is the journal, folded without a kill (crash_rig.py).
"""

import asyncio
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from crash_rig import PATIENCE_S, Rig, hung_up, killed_at, rig

from hookswitch.asterisk import state
from hookswitch.phone import Call
from hookswitch.phone.behaviour import answer_after, by_turns, ring_only
from kit.postgres import Cluster

MOST_COMMITS = 30
ANSWERED = ["", "_answered", "_completed"]
CLI = "from hookswitch.app.cli import main; main()"


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path / "r") as made:
        yield made


async def every_commit(place: Path, when: str) -> int:
    """Kill at the first commit of a call, at the second of the next call, and so on."""
    async with rig(place) as made:
        for number in range(1, MOST_COMMITS):
            if not await killed_at(made, f"{when} commit {number}"):
                return number - 1
    raise AssertionError("a call has no end of commits")


async def every_delivery(place: Path) -> list[str]:
    """Kill around each claim and record of a call; gives the points that were reached."""
    points = [f"{which} {n}" for n in (1, 2, 3) for which in ("after claim", "before record")]
    async with rig(place) as made:
        return [p for p in [*points, "after record 2"] if await killed_at(made, p)]


async def test_killed_at_every_commit_of_an_answered_call(tmp_path: Path) -> None:
    before, after, deliveries = await asyncio.gather(
        every_commit(tmp_path / "before", "before"),
        every_commit(tmp_path / "after", "after"),
        every_delivery(tmp_path / "deliver"),
    )
    assert before >= 3, "each event has a commit"
    assert after >= 3
    assert len(deliveries) == 7


async def test_killed_around_commits_and_deliveries_on_postgresql(
    tmp_path: Path, postgres: Cluster
) -> None:
    """What the dead process had claimed is free as soon as the next one starts."""

    async def killed(point: str) -> bool:
        place = tmp_path / point.replace(" ", "-")
        async with postgres.database() as url, rig(place, database=url) as made:
            return await killed_at(made, point)

    points = ("after commit 2", "after claim 1", "before record 2")
    assert all(await asyncio.gather(*map(killed, points)))


async def one_talks_one_rings(rig: Rig) -> tuple[Call, Call]:
    """Two calls, as far as they have been told of."""
    rig.alice.on_call = by_turns(answer_after(0.1), ring_only())
    talking = await rig.dial()
    await talking.answered()
    ringing = await rig.dial()
    await ringing.ringing()
    await rig.until(lambda: len(rig.received) == 3, PATIENCE_S)
    return talking, ringing


async def test_a_store_that_fails_for_a_while_loses_nothing(up: Rig) -> None:
    assert (await up.health())["store"] == "ok"
    await up.tell("fail")
    await up.talk()
    assert "takes nothing" in (await up.health())["store"]
    counted = await up.tell("mend")
    assert counted is not None
    assert counted["refused"] > 1
    await up.until(up.settled, PATIENCE_S)

    async def well() -> bool:
        return (await up.health())["store"] == "ok"

    await up.until(well, PATIENCE_S)
    up.check(0, ANSWERED)


async def test_a_store_that_fails_in_the_middle_of_a_call(up: Rig) -> None:
    call = await up.dial()
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    await up.tell("fail")
    await call.hang_up()
    await up.talk()
    await up.tell("mend")
    await up.until(up.settled, PATIENCE_S)
    up.check(0, ANSWERED, ANSWERED)


async def test_killed_while_the_store_fails(up: Rig) -> None:
    await up.tell("fail")
    await up.talk()
    up.child.kill()
    await up.child.wait()
    await up.start()
    await up.until(up.settled, PATIENCE_S)
    up.check(0, ANSWERED)


async def test_the_journal_directory_is_removed_during_a_call(up: Rig) -> None:
    """Nothing is written while it is away, so nothing may be missing; later calls work as ever."""
    call = await up.dial()
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    gone = up.layout.journal_dir.rename(up.layout.root / "gone")  # at once: nobody writes between
    shutil.rmtree(gone)
    await up.until(up.layout.journal.exists, PATIENCE_S)
    await call.hang_up()
    await up.until(lambda: len(up.received) == 3, PATIENCE_S)
    await up.talk()
    await up.until(up.settled, PATIENCE_S)
    sent = up.sent()
    kinds = [each.type.removeprefix("user_inbound") for each in sent]
    assert kinds == ANSWERED * 2
    assert {(e.id, e.body) for e in sent[3:]} == up.expected({sent[-1].call})


async def test_sigterm_ends_all_and_loses_nothing(tmp_path: Path) -> None:
    """What the engine says as it ends is delivered before the exit, or at the next start."""
    async with rig(tmp_path / "r", start=False) as made:
        code, calls = await serve_and_terminate(made)
        assert code == 0, made.output.read_text(encoding="utf-8")
        assert made.kill_engine() == [], "left behind"
        await asyncio.gather(*(hung_up(call) for call in calls))
        await made.start()
        try:
            await made.until(made.settled, PATIENCE_S)
            made.check(0, ANSWERED, ["", "_completed"])
        finally:
            await made.end()


async def serve_and_terminate(made: Rig) -> tuple[int, tuple[Call, Call]]:
    """Run `hookswitch serve`, and end it while one call talks and one rings."""
    with made.output.open("ab") as output:
        server = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLI, "serve", "--data-dir", made.data),
            *("--port", "0", "--sip-port", "0", "--log-level", "warning"),
            stderr=output,
        )
    try:
        await made.until(lambda: "serving on" in made.output.read_text("utf-8"), PATIENCE_S)
        applied = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", CLI, "apply", made.document, "--data-dir", made.data),
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await applied.wait() == 0
        ports = state.read(made.layout.state).ports
        assert ports is not None
        made.ready = {"sip": ports.sip}
        await made.register()
        calls = await one_talks_one_rings(made)
        server.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            return await server.wait(), calls
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()
