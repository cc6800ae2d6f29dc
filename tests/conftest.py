"""What holds for every test."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hookswitch.asterisk import rundir
from hookswitch.asterisk.process import yield_to_calls
from kit.database import postgres

__all__ = ["postgres"]

WAITING = ("engine", "faults", "e2e", "docs")
"""Folders whose tests wait for calls, processes and browsers, those that wait most first."""
AMID_S = 5
"""For longer than that no engine answers a command."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what it runs in the background so, and our children would be deaf to Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

# commands of ours are started hundreds of times: each would be compiled anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# a slow machine is no fault, and what fails on one machine fails on all:
# --hypothesis-profile=default looks for new examples
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _nothing_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Remove the directories of sockets of engines that tests killed."""
    yield
    for place in rundir.SHORT.glob("hookswitch-*"):
        with contextlib.suppress(OSError):
            data = Path((place / rundir.INSTALLATION).read_text("utf-8"))
            if data.is_relative_to(tmp_path_factory.getbasetemp()):
                rundir.leave(place)


def pytest_configure() -> None:
    """Have a test's phones and servers yield to calls, as the commands do that it starts."""
    yield_to_calls()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the table of calls, the longest of all; what only computes fills the end."""
    items.sort(key=lambda item: (item.path.stem != "test_scenarios", _place(item.path)))


def pytest_sessionfinish() -> None:
    """Remove the files of commands that killed engines were amid; who lives removes its own."""
    for left in Path("/tmp").glob("ast-ami-*"):
        with contextlib.suppress(OSError):
            found = left.stat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > AMID_S:
                left.unlink()


def _place(file: Path) -> int:
    folder = file.parent.name
    return WAITING.index(folder) if folder in WAITING else len(WAITING)
