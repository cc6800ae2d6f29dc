"""One suite, every backend."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_backends import BACKENDS, fresh
from store_builders import OpenStore

from hookswitch.store.port import Store
from kit.postgres import Cluster


@pytest.fixture
async def url(postgres: Cluster) -> AsyncIterator[str]:
    async with postgres.database() as made:
        yield made


@pytest.fixture(params=BACKENDS)
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    async with fresh(request.param, tmp_path, request) as opener:
        yield opener


@pytest.fixture
async def store(open_store: OpenStore) -> AsyncIterator[Store]:
    opened = await open_store()
    yield opened
    await opened.close()
