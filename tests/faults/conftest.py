"""Nothing of ours runs without the engine: it is fetched once, whichever test comes first."""

import pytest

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix


@pytest.fixture(scope="session", autouse=True)
async def engine() -> None:
    await install(ENGINE, default_prefix())
