"""Our processes killed -9 at seeded random moments: nothing is lost, nothing is made up.

Duplicates have the webhook-id and the bytes of the first. HOOKSWITCH_CHAOS=1000 kills that many
(`make chaos`); the seed is HOOKSWITCH_CHAOS_SEED. Doubles: none; the processes are ours, forked
from one that has loaded them, and the clock that is stepped is the one they are given.
"""

import os
from pathlib import Path

import pytest
from chaos_rig import Chaos

from kit.postgres import Cluster

KILLS = int(os.environ.get("HOOKSWITCH_CHAOS", "20"))
SEED = int(os.environ.get("HOOKSWITCH_CHAOS_SEED", "7"))
BATCHES = 6 * KILLS

pytestmark = pytest.mark.timeout(60 + 4 * KILLS)


async def test_one_process_on_sqlite(tmp_path: Path) -> None:
    chaos = Chaos(str(tmp_path / "store.db"), SEED, BATCHES, workers=1)
    async with chaos.up():
        await chaos.rounds(KILLS)
    assert chaos.kills == KILLS


async def test_a_clock_that_steps_on_sqlite(tmp_path: Path) -> None:
    chaos = Chaos(str(tmp_path / "store.db"), SEED + 1, BATCHES // 2, workers=1)
    async with chaos.up():
        await chaos.rounds(KILLS // 2, steps=True)


@pytest.mark.parametrize("workers", [1, 3])
async def test_processes_on_postgresql(postgres: Cluster, workers: int) -> None:
    async with postgres.database() as url:
        chaos = Chaos(url, SEED + workers, BATCHES, workers)
        async with chaos.up():
            await chaos.rounds(KILLS, steps=workers > 1)
    assert chaos.kills == KILLS


async def test_the_database_is_killed_and_cut_off(postgres: Cluster) -> None:
    cuts = 0

    async def blow() -> None:
        nonlocal cuts
        cuts += 1
        if cuts % 2:
            postgres.kill()
            postgres.start()
        else:
            others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
            await postgres.query(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
            )

    async with postgres.database() as url:
        chaos = Chaos(url, SEED, BATCHES // 2, workers=2)
        async with chaos.up():
            await blow()
            await chaos.rounds(KILLS // 2, blow)
            await blow()
    assert cuts >= 2
