"""The real engine, fetched once into the user's data directory and shared by all tests."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from support.ending import end_quickly
from support.player import Outcome, apply_rows, play_all, play_apart
from support.serving import Serving, serving
from support.site import Place, place
from support.table import load_rows

from hookswitch.asterisk import process
from hookswitch.asterisk.engine import Engine, engine_from_prefix
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.phone import PhoneError

APART_AT_ONCE = 2
"""Rows with an installation of their own that are played side by side."""


@pytest.fixture(scope="session", autouse=True)
async def engine() -> Engine:
    await install(ENGINE, default_prefix())
    return engine_from_prefix(default_prefix())


@pytest.fixture(scope="session")
async def shared(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Supervisor]:
    """A running engine for tests that leave it as it is."""
    running = Supervisor(engine, tmp_path_factory.mktemp("shared"))
    await running.start()
    yield running
    await end_quickly(running)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data directory; whatever runs on it is ended, and must not have been left behind."""
    yield tmp_path
    left = [found for found, _ in process.having_argument(f"{tmp_path}/")]
    for found in left:
        process.kill(found)
    assert not left, f"left behind: {left}"


@pytest.fixture
async def supervisor(engine: Engine, data: Path) -> AsyncIterator[Supervisor]:
    """A running engine of its own."""
    running = Supervisor(engine, data)
    await running.start()
    yield running
    await end_quickly(running)


@pytest.fixture(scope="session")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    """The product running, with the numbers, users and flows of every scenario."""
    async with serving(tmp_path_factory.mktemp("table")) as at:
        await apply_rows(at, [place(row) for row in load_rows() if not row.apart])
        await at.until_known_away("nowhere")
        yield at


@pytest.fixture(scope="session")
async def outcomes(
    request: pytest.FixtureRequest,
    installation: Serving,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Outcome]:
    """What the scenarios came to, by row: those of the selected tests, or all."""
    users = [item for item in request.session.items if item.path.stem == "test_scenarios"]
    rows = [
        item.callspec.params.get("row") if hasattr(item, "callspec") else None for item in users
    ]
    places = [place(row) for row in load_rows() if None in rows or row.row in rows]
    gate = asyncio.Semaphore(APART_AT_ONCE)

    async def alone(place: Place) -> Outcome:
        async with gate:
            try:
                return await play_apart(place, tmp_path_factory.mktemp("apart"))
            except (AssertionError, OSError, PhoneError, EngineError, TimeoutError) as error:
                where = traceback.extract_tb(error.__traceback__)[-1]
                problem = f"{type(error).__name__} at {where.name}: {error}"
                return Outcome(place=place, at=installation, problems=[problem])

    together, *apart = await asyncio.gather(
        play_all(installation, [at for at in places if not at.row.apart]),
        *(alone(at) for at in places if at.row.apart),
    )
    return {**together, **{outcome.place.row.row: outcome for outcome in apart}}
