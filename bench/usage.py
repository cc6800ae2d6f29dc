"""Processor time: on a busy machine what a call costs tells more than calls a second."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
ENDED = "ended"
"""Our children that ended meanwhile."""


@contextmanager
def measured(**pids: int) -> Iterator[dict[str, float]]:
    """Give the seconds that each process took in the block, once it is over."""
    used: dict[str, float] = {}
    before = {name: _seconds(pid) for name, pid in pids.items()}
    children = _children()
    yield used
    used.update({name: _seconds(pid) - before[name] for name, pid in pids.items()})
    used[ENDED] = _children() - children


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime
