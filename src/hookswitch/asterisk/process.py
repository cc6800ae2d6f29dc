"""Processes that are not ours to lose: started in a session of their own, found again by number."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from hookswitch.asterisk import gatekeeper

GONE = ("", "Z", "X")
KEPT_ENVIRONMENT = ("PATH", "TZ")
YIELDING = 10
"""Our own nice value: about a tenth of the engine's share where both want the processor."""
AUTOGROUP = Path("/proc/self/autogroup")
RESET_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Process(Struct, frozen=True):
    """A process and when it started, in clock ticks of that boot of the machine: numbers recur."""

    pid: int
    started: int
    machine_boot: str

    @property
    def alive(self) -> bool:
        return find(self.pid) == self


_spawner = ThreadPoolExecutor(1, thread_name_prefix="spawner")


def yield_to_calls() -> None:
    """Let calls go before our own work; call it before other threads begin.

    A process inherits the nice value of the thread that starts it, and only root could lower it
    again: what `spawn` starts is started by a thread that keeps the present one. Between sessions
    the kernel shares the processor by the nice value of each session, whatever those of its
    processes: ours has the same if we lead it, as a service does. A shell's is not ours to slow.
    """
    _spawner.submit(os.getpid).result()
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(YIELDING, os.getpriority(os.PRIO_PROCESS, 0)))
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # a kernel without
            AUTOGROUP.write_text(str(YIELDING), encoding="ascii")


def spawn(argv: tuple[str, ...], output: Path, home: Path) -> Process:
    """Start a process that outlives us; what it prints is appended to `output`."""
    return _spawner.submit(_spawn, argv, output, home).result()


def spawn_gatekeeper(control: Path, most_ms: int) -> subprocess.Popen[bytes]:
    """Start the program that looks how late the engine is; it ends with its standard input."""
    argv = (sys.executable, "-I", "-S", gatekeeper.__file__, str(control), str(most_ms))
    return _spawner.submit(
        subprocess.Popen,
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # or it would have no more of the processor than we have
    ).result()


def _spawn(argv: tuple[str, ...], output: Path, home: Path) -> Process:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    environment = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    pid = os.posix_spawn(
        argv[0],
        argv,
        {**environment, "LANG": "C.UTF-8", "HOME": str(home)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(output), flags, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigmask=(),
        setsigdef=RESET_SIGNALS,
    )
    return Process(pid, _stat(pid)[1], _machine_boot())


def find(pid: int) -> Process | None:
    """Give the live process with this number, if there is one."""
    state, started = _stat(pid)
    return None if state in GONE else Process(pid, started, _machine_boot())


def having_argument(part: str) -> Iterator[tuple[Process, str]]:
    """Give the live processes of this user with an argument that holds `part`, and this one."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if entry.stat().st_uid != os.geteuid():
                continue
            words = os.fsdecode((entry / "cmdline").read_bytes()).split("\0")
            argument = next((word for word in words if part in word), None)
            if argument is not None and (found := find(int(entry.name))):
                yield found, argument


async def wait_end(process: Process, within: float | None = None) -> bool:
    """Wait until the last thread is gone; False if one is still there after the time limit."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return True
    if _stat(process.pid)[1] != process.started:
        os.close(descriptor)
        return True
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, gone.set)
    try:
        # Not wait_for: before Python 3.12 it may swallow a cancellation in the moment of the end.
        async with asyncio.timeout(within):
            await gone.wait()
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)
    return True


def kill(process: Process) -> None:
    """Kill the process, unless it is gone."""
    if process.alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)


def reap(process: Process) -> int | None:
    """Give the exit code of a child of ours that has ended (negative: a signal), and forget it."""
    with contextlib.suppress(ChildProcessError):
        pid, status = os.waitpid(process.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
    return None


async def end(process: Process, patience: float) -> None:
    """End the process: it is asked, waited for, and then killed."""
    for number, within in ((signal.SIGTERM, patience), (signal.SIGKILL, None)):
        if process.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
        if await wait_end(process, within):
            reap(process)
            return


def _stat(pid: int) -> tuple[str, int]:
    """Give a process's state letter and start time; an empty one if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    # The name, in brackets, may hold anything; the state follows it and the start time is the 22nd.
    fields = stat.rpartition(")")[2].split()
    return fields[0], int(fields[19])


def _machine_boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
