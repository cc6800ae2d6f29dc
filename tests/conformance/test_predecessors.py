"""A worker killed on this machine: its claims are free at once, those of all others are not.

The workers are real processes, killed with -9.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from store_builders import START, add, names, outcome, take

from hookswitch.store.postgres import PostgresStore
from hookswitch.store.postgres.places import is_gone, name_self

HOLDING = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from store_builders import take
from hookswitch.store.postgres import PostgresStore

async def hold():
    store = await PostgresStore.open(sys.argv[1])
    claims = await take(store)
    print(store.worker, len(claims), flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(hold())
"""


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    opened = await PostgresStore.open(url)
    yield opened
    await opened.close()


@asynccontextmanager
async def holding(url: str, claims: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """A process that has claimed all there is and does nothing with it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLDING, url, str(Path(__file__).parent)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        worker, held = (await process.stdout.readline()).decode().split()
        assert int(held) == claims
        yield process, worker
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_claims_of_one_killed_here_are_free_at_the_next_start(
    store: PostgresStore, url: str
) -> None:
    await add(store, "e1", to=["crm", "desk"])
    async with holding(url, 2) as (process, worker):
        process.kill()
        await process.wait()
        assert is_gone(worker)
        assert await store.release_interrupted(START) == 2
    claims = await take(store)
    assert names(claims) == ["e1", "e1"]
    [first, *_] = claims
    attempts = await store.attempts(first.id)
    assert (first.attempt, [one.error for one in attempts]) == (2, ["interrupted"])


async def test_another_worker_here_takes_them_over_by_itself(
    store: PostgresStore, url: str
) -> None:
    await add(store, "e1")
    async with holding(url, 1) as (process, _):
        assert await store.release_interrupted(START) == 0
        process.kill()
        await process.wait()
        async with asyncio.timeout(8):  # less than the silence after which any worker is dead
            while not await take(store, now=2 * START):  # the time given back is the real one
                await asyncio.sleep(0.05)


async def test_the_claims_of_one_that_lives_stay_its_own(store: PostgresStore, url: str) -> None:
    await add(store, "e1")
    async with holding(url, 1) as (_, worker):
        assert not is_gone(worker)
        assert await store.release_interrupted(START) == 0
        assert await take(store) == []


@pytest.mark.parametrize("part", [-4, -2], ids=["another machine", "a number used again"])
async def test_a_name_is_taken_for_gone_only_where_that_is_known(part: int) -> None:
    parts = name_self().split("-")
    assert not is_gone("-".join(parts))
    parts[part] = "1"
    assert is_gone("-".join(parts)) == (part == -2)


@pytest.mark.parametrize("name", ["", "host", "host-123-abcdef", "a-b-c"])
def test_a_name_of_an_older_version_is_never_gone(name: str) -> None:
    assert not is_gone(name)


async def test_what_the_killed_one_said_last_moves_nothing(store: PostgresStore, url: str) -> None:
    """An outcome that was on its way as it was killed counts only if it delivered."""
    await add(store, "e1", "e2", of="c1", to=["crm", "desk"])
    dead = await PostgresStore.open(url)
    claims = await take(dead)
    dead._beating.cancel()  # type: ignore[union-attr]  # it was killed: its session says no more
    await store._db.run("DELETE FROM workers WHERE worker = $1", dead.worker)
    assert await store.release_interrupted(START) == len(claims)
    again = await take(store)
    assert {claim.attempt for claim in again} == {2}
    await dead.record([outcome(claims[0], "failed"), outcome(claims[1])])
    states = {row.id: row.state for row in await store.deliveries()}
    assert (states[claims[0].id], states[claims[1].id]) == ("sending", "delivered")
    await dead.close()
