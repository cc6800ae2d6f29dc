"""Tries a configuration: boots an engine on it that has no network, and reads its log.

Reloads say Success whatever happens, so this is the only way to be told of a mistake beforehand.
Registrations are not tried: the engine on trial must not speak to anybody.
"""

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from hookswitch.asterisk import control, logtail, process
from hookswitch.asterisk.configuration.base_config import Base, write_base
from hookswitch.asterisk.configuration.files import private_dir
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import EngineError, NotReadyError
from hookswitch.asterisk.layout import Layout
from hookswitch.asterisk.ports import TCP, UDP, free_port
from hookswitch.asterisk.process import Process

PREFIX = "hookswitch-trial-"
MARK = "hs_end_of_log"
POLL = 0.01

# What to ask for, and what the engine prints if it is not there.
QUESTIONS = {
    "context": ("dialplan show {}", "There is no existence of"),
    "endpoint": ("pjsip show endpoint {}", "Unable to find object"),
    "queue": ("queue show {}", "No such queue"),
    "application": ("core show application {}", "Your application(s) is (are) not registered"),
}


async def validate(
    engine: Engine,
    files: Mapping[str, str],
    *,
    contexts: Sequence[str] = (),
    endpoints: Sequence[str] = (),
    queues: Sequence[str] = (),
    applications: Sequence[str] = (),
    within: float = 60.0,
) -> list[str]:
    """Give the problems that the engine has with `files`, a line each; none if it takes them.

    `files` are texts by their name in the engine's `etc`, beside the base configuration. Name the
    applications that the dialplan uses too: the engine looks them up only when a call gets there.
    """
    expected = {
        "context": contexts,
        "endpoint": endpoints,
        "queue": queues,
        "application": applications,
    }
    remove_orphans()
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as place:
        layout = Layout(Path(place))
        _write(engine, layout, files)
        try:
            async with asyncio.timeout(within), _booted(engine, layout):
                missing = [line async for line in _missing(layout, expected)]
                await _flush_log(layout)
                return _problems(layout) + missing
        except TimeoutError:
            return [*_problems(layout), f"the engine on trial did not boot in {within:g} s"]
        except EngineError as error:
            return [*_problems(layout), str(error)]


def remove_orphans() -> None:
    """End the trial engines of processes of ours that were killed, and remove their files."""
    for found, argument in process.having_argument(PREFIX):
        if _is_orphaned(argument):
            process.kill(found)
    for place in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):  # another process may have come first
            if place.stat().st_uid == os.geteuid() and _is_orphaned(place.name):
                shutil.rmtree(place, ignore_errors=True)


def _is_orphaned(name: str) -> bool:
    owner = re.search(rf"{PREFIX}(\d+)-", name)
    return owner is not None and process.find(int(owner[1])) is None


def _write(engine: Engine, layout: Layout, files: Mapping[str, str]) -> None:
    address, ports = _address_of_its_own()
    write_base(
        Base(engine=engine, layout=layout, systemname="trial", bind=address, trial_ports=ports)
    )
    for name, text in files.items():
        path = layout.etc / name
        private_dir(path.parent)
        path.write_text(_silenced(text) if name.startswith("pjsip") else text, "utf-8")


def _address_of_its_own() -> tuple[str, tuple[int, int]]:
    """Give a loopback address at random, and two free ports there.

    The engine takes port 5060 for 0, and whoever has that on every address has it here too.
    """
    one, two, three = (secrets.randbelow(254) + 1 for _ in range(3))
    address = f"127.{one}.{two}.{three}"
    sip = free_port(address, (UDP, TCP))
    return address, (sip, free_port(address, (TCP,), [sip]))


def _silenced(text: str) -> str:
    return re.sub(r"(?m)^\s*qualify_frequency\s*=.*$", "qualify_frequency=0", text)


@contextlib.asynccontextmanager
async def _booted(engine: Engine, layout: Layout) -> AsyncIterator[None]:
    argv = (*engine.argv, "-C", str(layout.config), "-f")
    running = process.spawn(argv, layout.console, layout.lib)
    try:
        await _wait_booted(layout, running)
        yield
    finally:
        # It has nothing to lose.
        process.kill(running)
        await asyncio.shield(process.wait_end(running))
        process.reap(running)
        layout.leave()


async def _wait_booted(layout: Layout, running: Process) -> None:
    while running.alive:
        with contextlib.suppress(EngineError):
            if "fully booted" in await control.command(layout.control, "core waitfullybooted"):
                return
        await asyncio.sleep(POLL)
    said = logtail.last_words(layout.messages, layout.console)
    raise NotReadyError(f"the engine on trial ended ({said})")


async def _missing(layout: Layout, expected: Mapping[str, Sequence[str]]) -> AsyncIterator[str]:
    for kind, names in expected.items():
        question, absent = QUESTIONS[kind]
        for name in names:
            if absent in await control.command(layout.control, question.format(name)):
                yield f"the {kind} {name} is not there"


async def _flush_log(layout: Layout) -> None:
    """Wait until all that was logged so far is in the file: provoke a last line and await it."""
    await control.command(layout.control, f"module load {MARK}.so")
    while True:
        if any(MARK in line for line in logtail.problems(layout.messages)):
            return
        await asyncio.sleep(POLL)


def _problems(layout: Layout) -> list[str]:
    lines = [line for line in logtail.problems(layout.messages) if MARK not in line]
    return [line.replace(f"{layout.etc}/", "") for line in lines]
