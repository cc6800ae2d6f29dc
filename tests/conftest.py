"""What holds for every test."""

import os
import signal
import sys
from pathlib import Path

import pytest

from hookswitch.asterisk.process import yield_to_calls
from kit.database import postgres

__all__ = ["postgres"]

WAITING = {"docs", "e2e", "engine", "faults"}
"""Folders whose tests wait for calls, browsers and processes most of their time."""

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
    """Begin with the files that may take longest, then with what waits; computing fills the end."""
    longest: dict[Path, float] = {}
    for item in items:
        mark = item.get_closest_marker("timeout")
        longest[item.path] = max(longest.get(item.path, 0), mark.args[0] if mark else 0)
    items.sort(key=lambda item: (-longest[item.path], item.path.parent.name not in WAITING))
