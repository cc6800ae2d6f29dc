"""What holds for every test."""

import os
import signal
import sys
from pathlib import Path

import pytest

from hookswitch.asterisk.process import yield_to_calls
from kit.database import postgres

__all__ = ["postgres"]

WAITING = ("engine", "faults", "e2e", "docs")
"""Folders whose tests wait for calls, processes and browsers, those that wait most first."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what it runs in the background so, and our children would be deaf to Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)

# commands of ours are started hundreds of times: each would be compiled anew
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_configure() -> None:
    """Have a test's phones and servers yield to calls, as the commands do that it starts."""
    yield_to_calls()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the table of calls, the longest of all; what only computes fills the end."""
    items.sort(key=lambda item: (item.path.stem != "test_scenarios", _place(item.path)))


def _place(file: Path) -> int:
    folder = file.parent.name
    return WAITING.index(folder) if folder in WAITING else len(WAITING)
