"""The real engine, fetched once into the user's data directory and shared by all tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hookswitch.asterisk import process
from hookswitch.asterisk.engine import Engine, engine_from_prefix
from hookswitch.asterisk.install import install
from hookswitch.asterisk.packages import ENGINE, default_prefix
from hookswitch.asterisk.supervise import Supervisor


@pytest.fixture(scope="session")
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
    await running.stop()


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
    await running.stop()
