"""Our own work gives way to calls, the engine's does not: of real processes and threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import os, sys, threading
from pathlib import Path
from hookswitch.asterisk import process
process.YIELDING = int(sys.argv[2])
process.yield_to_calls()
here = Path(sys.argv[1])
started = process.spawn(("/bin/sleep", "60"), here / "output", here)
own = []
later = threading.Thread(target=lambda: own.append(os.getpriority(os.PRIO_PROCESS, 0)))
later.start()
later.join()
print(os.getpriority(os.PRIO_PROCESS, 0), *own, os.getpriority(os.PRIO_PROCESS, started.pid))
for pid in ("self", started.pid):
    print(Path(f"/proc/{pid}/autogroup").read_text().strip())
process.kill(started)
"""
AUTOGROUP = Path("/proc/self/autogroup")


def _yielding() -> int:
    """Every test yields already; what it starts here yields more, as who starts from a shell."""
    return os.getpriority(os.PRIO_PROCESS, 0) + 3


def _program(here: Path, *, leads: bool) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(here), str(_yielding())],
        check=True, capture_output=True, text=True, start_new_session=leads,
    ).stdout.splitlines()  # fmt: skip


def test_we_yield_in_every_thread_and_what_we_start_does_not(tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    said, *_ = _program(tmp_path, leads=True)
    assert list(map(int, said.split())) == [_yielding(), _yielding(), before]


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no groups by session")
def test_a_session_of_our_own_yields_and_the_engines_does_not(tmp_path: Path) -> None:
    _, own, started = _program(tmp_path, leads=True)
    assert (own.split()[1:], started.split()[1:]) == (["nice", str(_yielding())], ["nice", "0"])


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no groups by session")
def test_the_session_of_who_starts_us_is_not_slowed(tmp_path: Path) -> None:
    """Who leads no session of theirs may be in no group at all: the kernel then says nothing."""
    before = AUTOGROUP.read_text().strip()
    _, own, _ = _program(tmp_path, leads=False)
    assert (own, AUTOGROUP.read_text().strip()) == (before, before)
