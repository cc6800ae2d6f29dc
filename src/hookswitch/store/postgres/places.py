"""A worker's name tells its machine and process, so that others there know at once that it is gone.

From another machine a killed worker cannot be told from one whose network is cut.
"""

import os
import secrets
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

_ENDED: Final = ("Z", "X")
"""States of a process that runs no more but has not been reaped."""


def name_self() -> str:
    """Host, where process numbers mean the same, number and start of the process, and a mark."""
    pid = os.getpid()
    _, started = _look(pid)
    return f"{socket.gethostname()}-{_place()}-{pid}-{started}-{secrets.token_hex(4)}"


def is_gone(worker: str) -> bool:
    """Whether its process ran here and does no more; False for all that cannot be known."""
    parts = worker.rsplit("-", 4)
    if len(parts) < 5 or parts[1] != _place() or not _place():
        return False
    pid, started = int(parts[2]), int(parts[3])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # there is one, of another user
    state, since = _look(pid)
    return state in _ENDED or since not in {0, started}


@cache
def _place() -> str:
    """The same for all processes that share a numbering: one boot, one namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return sha256(f"{boot} {Path('/proc/self/ns/pid').readlink()}".encode()).hexdigest()[:12]
    except OSError:
        return ""


def _look(pid: int) -> tuple[str, int]:
    """State and start of a process, nothing and 0 if they are not shown."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", 0
    # The name, in brackets, may hold anything; the state follows it and the start is the 22nd.
    fields = stat.rpartition(")")[2].split()
    return fields[0], int(fields[19])
