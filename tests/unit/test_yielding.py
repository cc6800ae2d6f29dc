"""Our own work gives way to calls, the engine's does not: of real processes and threads."""

import os
import subprocess
import sys
from pathlib import Path

from hookswitch.asterisk.process import YIELDING

PROGRAM = """\
import os, sys, threading
from pathlib import Path
from hookswitch.asterisk import process
process.yield_to_calls()
here = Path(sys.argv[1])
started = process.spawn(("/bin/sleep", "60"), here / "output", here)
own = []
later = threading.Thread(target=lambda: own.append(os.getpriority(os.PRIO_PROCESS, 0)))
later.start()
later.join()
print(os.getpriority(os.PRIO_PROCESS, 0), *own, os.getpriority(os.PRIO_PROCESS, started.pid))
process.kill(started)
"""


def test_we_yield_in_every_thread_and_what_we_start_does_not(tmp_path: Path) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        check=True, capture_output=True, text=True, start_new_session=True,
    ).stdout  # fmt: skip
    yielding = max(before, YIELDING)
    assert list(map(int, said.split())) == [yielding, yielding, before]
