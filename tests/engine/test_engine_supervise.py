"""The supervisor and a real engine, killed in the ways it may be killed.

The oracles are /proc, the sockets and the journal file; nothing here is a double.
"""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.ending import end_quickly

from hookswitch.asterisk import control, launch, process, state
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import (
    AlreadySupervisedError,
    NotReadyError,
    PortInUseError,
    StartError,
)
from hookswitch.asterisk.install.packages import default_prefix
from hookswitch.asterisk.launch import EngineSettings
from hookswitch.asterisk.layout import LONGEST_DATA_DIR, Layout
from hookswitch.asterisk.ports import TCP, UDP, free_port, is_free
from hookswitch.asterisk.process import Process
from hookswitch.asterisk.supervise import State, Supervisor

PARENT = """
import asyncio, json, sys
from pathlib import Path
from hookswitch.asterisk.engine import engine_from_prefix
from hookswitch.asterisk.supervise import Supervisor

async def main():
    supervisor = Supervisor(engine_from_prefix(Path(sys.argv[1])), Path(sys.argv[2]))
    await supervisor.start()
    ports = supervisor.ports
    print(json.dumps([supervisor.process.pid, ports.sip, ports.ami, ports.http]), flush=True)
    await asyncio.sleep(60)

import structlog
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
asyncio.run(main())
"""


class States:
    """Collects what the supervisor tells, to wait for a state."""

    def __init__(self) -> None:
        self.seen: list[tuple[State, str]] = []
        self._changed = asyncio.Event()

    def __call__(self, new: State, reason: str) -> None:
        self.seen.append((new, reason))
        self._changed.set()

    async def wait(self, wanted: State, within: float = 60.0) -> str:
        """Give the reason of the next `wanted` state, and forget all up to it."""
        async with asyncio.timeout(within):
            while True:
                for number, (new, reason) in enumerate(self.seen):
                    if new is wanted:
                        del self.seen[: number + 1]
                        return reason
                self._changed.clear()
                await self._changed.wait()


@contextlib.asynccontextmanager
async def running(
    engine: Engine, data: Path, settings: EngineSettings | None = None
) -> AsyncIterator[tuple[Supervisor, States]]:
    states = States()
    supervisor = Supervisor(engine, data, settings, states)
    await supervisor.start()
    try:
        yield supervisor, states
    finally:
        await end_quickly(supervisor)


def pid(supervisor: Supervisor) -> Process:
    assert supervisor.process is not None
    return supervisor.process


def environment_of(running: Process) -> bytes:
    return Path(f"/proc/{running.pid}/environ").read_bytes()


def parent_of_an_engine(data: Path) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", PARENT, str(default_prefix()), str(data)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE)


async def test_start_stop_and_start_again_as_the_next_boot(engine: Engine, data: Path) -> None:
    async with running(engine, data) as (supervisor, states):
        assert [new for new, _ in states.seen] == [State.STARTING, State.READY]
        ports, layout = supervisor.ports, supervisor.layout
        assert not is_free("127.0.0.1", ports.sip, (UDP,))
        assert not is_free("127.0.0.1", ports.sip, (TCP,))
        assert "hs.canary" in layout.journal.read_text(encoding="utf-8")
        assert f'"{supervisor.systemname}-' in layout.journal.read_text(encoding="utf-8")
        alive = pid(supervisor)
        assert os.getsid(alive.pid) == alive.pid, "it must have a session of its own"
        await supervisor.stop()
    assert not alive.alive
    assert supervisor.state is State.STOPPED
    assert is_free("127.0.0.1", ports.sip, (UDP, TCP))

    async with running(engine, data) as (again, _):
        assert again.boot == 2
        assert again.ports == ports
        assert not again.adopted


async def test_a_stop_leaves_nothing_outside_its_directory(engine: Engine, data: Path) -> None:
    """A path too long for a socket puts the socket into /tmp; this is the longest there may be."""
    longest = data / ("a" * (LONGEST_DATA_DIR - len(os.fsencode(data)) - 1))
    async with running(engine, longest) as (supervisor, _):
        await supervisor.check()
        assert supervisor.layout.run.parent == Path("/tmp")
        await supervisor.stop()
    assert not supervisor.layout.run.exists()


def test_a_path_that_the_engine_would_cut_is_refused() -> None:
    with pytest.raises(
        StartError, match=r"has 201 bytes.*at most 200.*choose a shorter --data-dir"
    ):
        Layout(Path("/" + "a" * 200)).make()


async def test_a_boot_without_a_complaint(supervisor: Supervisor) -> None:
    log = supervisor.layout.messages.read_text(encoding="utf-8")
    assert "WARNING" not in log
    assert "ERROR" not in log
    console = supervisor.layout.console.read_text(encoding="utf-8")
    assert "Unable" not in console


async def test_files_are_private(shared: Supervisor) -> None:
    for path in shared.layout.etc.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    for path in (shared.layout.root, shared.layout.log, shared.layout.run):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    assert stat.S_IMODE(shared.layout.state.stat().st_mode) == 0o600


async def test_our_environment_does_not_reach_the_engine(
    engine: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOKSWITCH_SECRET_KEY", "open sesame")
    async with running(engine, data) as (supervisor, _):
        environment = environment_of(pid(supervisor))
    assert b"LANG=C.UTF-8" in environment
    assert b"sesame" not in environment


async def test_the_next_process_adopts_the_engine_of_a_killed_one(
    engine: Engine, data: Path
) -> None:
    with parent_of_an_engine(data) as parent:
        assert parent.stdout is not None
        number, *ports = json.loads(await asyncio.to_thread(parent.stdout.readline))
        parent.kill()
    async with running(engine, data) as (supervisor, _):
        assert supervisor.adopted
        assert pid(supervisor).pid == number
        assert [supervisor.ports.sip, supervisor.ports.ami, supervisor.ports.http] == ports
        assert supervisor.boot == 1
        assert supervisor.restart_needed == ()


async def test_adopted_though_it_was_never_recorded(engine: Engine, data: Path) -> None:
    """We may be killed between the engine's start and the writing of its number."""
    async with running(engine, data) as (first, _):
        alive = pid(first)
        await first.detach()
        record = state.read(first.layout.state)
        state.write(first.layout.state, structs.replace(record, process=None))
        async with running(engine, data) as (second, _):
            assert second.adopted
            assert pid(second) == alive


async def test_an_adopted_engine_tells_that_settings_need_a_restart(
    engine: Engine, data: Path
) -> None:
    async with running(engine, data) as (first, _):
        await first.detach()
        (first.layout.etc / "extensions.conf").write_text("[hs-canary]\n", encoding="utf-8")
        settings = EngineSettings(rtp=(20000, 21000))
        async with running(engine, data, settings) as (second, _):
            assert second.restart_needed == ("rtp.conf",)
            dialplan = await second.ami.command("dialplan show hs-dev")
            assert "hs-legend" in dialplan


async def test_a_killed_engine_comes_back_with_the_next_boot(engine: Engine, data: Path) -> None:
    async with running(engine, data) as (supervisor, states):
        ports, first = supervisor.ports, pid(supervisor)
        await states.wait(State.READY)
        os.kill(first.pid, signal.SIGKILL)
        assert "signal 9" in await states.wait(State.DOWN, 2.0)
        await states.wait(State.READY, 5.0)
        assert supervisor.boot == 2
        assert supervisor.systemname == "hsb2"
        assert supervisor.ports == ports
        assert pid(supervisor) != first
        await supervisor.ami.wait_connected()
        assert "hsb2-" in supervisor.layout.journal.read_text(encoding="utf-8")


async def test_two_side_by_side(engine: Engine, data: Path) -> None:
    configured = EngineSettings(sip_port=free_port("127.0.0.1", (UDP, TCP)))
    async with (
        running(engine, data / "a", configured) as (one, _),
        running(engine, data / "b") as (other, _),
    ):
        assert one.ports.sip == configured.sip_port
        assert {one.ports.sip, one.ports.ami}.isdisjoint({other.ports.sip, other.ports.ami})
        with pytest.raises(AlreadySupervisedError, match="another hookswitch process"):
            await Supervisor(engine, data / "a").start()
        assert pid(one).alive


async def test_the_journal_directory_vanishes(engine: Engine, data: Path) -> None:
    async with running(engine, data) as (supervisor, states):
        await states.wait(State.READY)
        shutil.rmtree(supervisor.layout.journal_dir)
        assert "had vanished" in await states.wait(State.JOURNAL_LOST, 2.5)
        await states.wait(State.READY, 2.0)
        assert "hs.canary" in supervisor.layout.journal.read_text(encoding="utf-8")


async def test_logs_do_not_grow_for_ever(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "LARGEST_LOG", 1)
    for _ in range(4):
        await control.command(supervisor.layout.control, "module load no_such_module.so")
        await launch.rotate_logs(supervisor.ami, supervisor.layout)
    assert logs_in(supervisor.layout.log) == ["messages", "messages.0", "messages.1"]


def logs_in(place: Path) -> list[str]:
    return sorted(path.name for path in place.glob("messages*"))


@pytest.mark.parametrize("setting", ["sip_port", "ami_port", "http_port"])
async def test_a_configured_port_in_use(engine: Engine, data: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        supervisor = Supervisor(engine, data, EngineSettings(**{setting: port}))
        with pytest.raises(PortInUseError, match=f"{setting}: port {port} on 127.0.0.1 is in use"):
            await supervisor.start()
    assert supervisor.boot == 0


def without_journal(engine: Engine, place: Path) -> Engine:
    """The engine, less the module that writes the journal."""
    assert engine.modules is not None
    place.mkdir()
    for module in engine.modules.glob("*.so"):
        if module.name != "cel_custom.so":
            (place / module.name).symlink_to(module)
    return structs.replace(engine, modules=place)


async def test_a_start_that_fails_quotes_the_log_and_leaves_nothing(
    engine: Engine, data: Path
) -> None:
    broken = without_journal(engine, data / "modules")
    with pytest.raises(NotReadyError, match=r"cel_custom\) is not running") as raised:
        await Supervisor(broken, data).start()
    assert "ERROR loader.c: Error loading module 'cel_custom.so'" in str(raised.value)
    assert raised.value.mend.endswith("log/messages")


async def test_an_engine_that_cannot_run_at_all(data: Path) -> None:
    false = Engine(argv=("/bin/false",), version="22.10.1")
    with pytest.raises(NotReadyError, match="the engine ended"):
        await Supervisor(false, data).start()


async def test_a_long_data_directory_has_its_socket_elsewhere(engine: Engine, data: Path) -> None:
    deep = data / ("d" * 60) / ("e" * 60)
    async with running(engine, deep) as (supervisor, _):
        run = supervisor.layout.run
        assert not run.is_relative_to(deep)
        process.kill(pid(supervisor))
        await process.wait_end(pid(supervisor))
        assert (run / "asterisk.ctl").exists()
    async with running(engine, deep) as (again, _):
        assert again.layout.run == run
        await again.check()
    assert not run.exists()


async def test_the_secret_is_not_shown(shared: Supervisor) -> None:
    secret = state.read(shared.layout.state).secret
    for shown in (repr(shared.ami), repr(state.read(shared.layout.state))):
        assert secret not in shown


@pytest.mark.parametrize("node", ["", "A", "a-b", "x" * 17, "9"])
def test_a_node_name_that_cannot_be_part_of_an_id(node: str) -> None:
    with pytest.raises(StartError, match="node"):
        EngineSettings(node=node)


def test_a_damaged_record_is_not_taken_for_a_new_directory(tmp_path: Path) -> None:
    path = tmp_path / "engine.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StartError, match="damaged"):
        state.read(path)


async def test_another_process_with_the_same_number_is_not_ours() -> None:
    us = process.find(os.getpid())
    assert us is not None
    assert us.alive
    assert not Process(us.pid, us.started - 1, us.machine_boot).alive
    assert not Process(us.pid, us.started, "another boot").alive


def kill_and_wait(child: Process) -> None:
    """On return it is dead and the event loop has not been told yet."""
    process.kill(child)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("ticks", range(6))
async def test_a_cancelled_wait_ends_even_in_the_moment_of_death(data: Path, ticks: int) -> None:
    """Otherwise a stop would wait for ever, for a watch that goes on with the next engine."""
    sleeper = process.spawn(("/bin/sleep", "60"), data / "output", data)
    waiting = asyncio.create_task(process.wait_end(sleeper, 5.0))
    for _ in range(2):
        await asyncio.sleep(0)
    kill_and_wait(sleeper)
    for _ in range(ticks):
        await asyncio.sleep(0)
    cancelled = waiting.cancel()
    await asyncio.wait({waiting})
    assert waiting.cancelled() == cancelled
    process.reap(sleeper)
