"""The fixture of a real PostgreSQL; shared by all folders."""

from collections.abc import Iterator

import pytest

from kit.postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A server for the whole session; each test takes a database of its own."""
    with cluster() as made:
        yield made
