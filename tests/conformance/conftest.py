"""One suite, every backend, each opened on a fresh place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_backends import BACKENDS
from store_builders import OpenStore

from hookswitch.store.port import Store


@pytest.fixture(params=BACKENDS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    return BACKENDS[request.param](tmp_path)


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    opened = await open_store()
    yield opened
    await opened.close()
