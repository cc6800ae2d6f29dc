"""Starting, adopting and stopping the engine of a data directory."""

import asyncio
import contextlib
import re
from collections.abc import Coroutine, Iterator
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from hookswitch.asterisk import control, logtail, process, ready, rundir, state
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.configuration.base_config import (
    ACCOUNTS_INCLUDED,
    Base,
    Ports,
    base_files,
    write_base,
)
from hookswitch.asterisk.configuration.certificate import (
    Certificate,
    require_authorities,
    require_usable,
    system_authorities,
)
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import AmiError, EngineError, NotReadyError, StartError
from hookswitch.asterisk.layout import Layout
from hookswitch.asterisk.ports import TCP, UDP, free_port, is_free, require_free
from hookswitch.asterisk.state import EngineState
from hookswitch.model.secret import Secret

log = structlog.get_logger(__name__)

LOOPBACK = "127.0.0.1"
STOP_PATIENCE = 5.0
LARGEST_LOG = 16 << 20
LOOKS, LOOK_AGAIN = 10, 0.2
"""How often, and in seconds how far apart, the log of an engine that is not ready is looked at."""
RELOADABLE = {"extensions.conf"}


class EngineSettings(Struct, frozen=True, kw_only=True):
    """How an engine is run. A port 0 is chosen once and then kept."""

    node: str = "hs"
    """Names the machine in every call's id."""
    bind: str = LOOPBACK
    sip_port: int = 0
    ami_port: int = 0
    http_port: int = 0
    tls_port: int | None = None
    """None: the one after SIP's, or any free one if that is taken."""
    certificate: Certificate | None = None
    """Of SIP over TLS; a self-signed one if there is none."""
    trusted: Path | None = None
    """PEM file of the authorities of providers; the system's if there is none."""
    rtp: tuple[int, int] = (10000, 20000)
    ready_within: float = 60.0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9]{0,15}", self.node):
            raise StartError(f"node: {self.node!r} is not a name", "use 1 to 16 of a-z and 0-9")


def base_of(engine: Engine, layout: Layout, settings: EngineSettings, record: EngineState) -> Base:
    return Base(
        engine=engine,
        layout=layout,
        systemname=systemname(settings, record),
        ports=record.ports,
        bind=settings.bind,
        ami_secret=Secret(record.secret),
        certificate=settings.certificate,
        trusted=settings.trusted or system_authorities(),
        rtp=settings.rtp,
    )


def systemname(settings: EngineSettings, record: EngineState) -> str:
    return f"{settings.node}b{record.boot}"


async def launch(
    engine: Engine, layout: Layout, settings: EngineSettings, record: EngineState
) -> EngineState:
    """Start the engine under the next boot number and give its record; it is not ready yet."""
    if settings.certificate is not None:
        require_usable(settings.certificate)
    if settings.trusted is not None:
        require_authorities(settings.trusted)
    ports = choose_ports(settings, record.ports)
    record = replace(record, boot=record.boot + 1, ports=ports, bind=settings.bind, process=None)
    # Before the start: a boot number must never be used twice, whatever happens after this.
    state.write(layout.state, record)
    rundir.remove_orphans()
    write_base(base_of(engine, layout, settings, record))
    argv = (*engine.argv, "-C", str(layout.config), "-f")
    started = process.spawn(argv, layout.console, layout.lib)
    record = replace(record, process=started, argv=argv, version=engine.version)
    state.write(layout.state, record)
    log.info("engine started", pid=started.pid, boot=record.boot, version=engine.version)
    return record


async def adopt(layout: Layout, record: EngineState) -> EngineState | None:
    """Give the record of the engine that runs on this directory, or None; a deaf one is ended."""
    running = record.process if record.process and record.process.alive else None
    # Without a record too: we may have been killed between its start and the writing of it.
    running = running or next(_running_on(layout), None)
    if running is None:
        if record.process:
            await process.wait_end(record.process, STOP_PATIENCE)  # it may be dying still
        return None
    if record.ports is None or not await control.answers(layout.control):
        log.warning("the running engine does not answer: ending it", pid=running.pid)
        await process.end(running, STOP_PATIENCE)
        return None
    record = replace(record, process=running)
    state.write(layout.state, record)
    log.info("engine adopted", pid=running.pid, boot=record.boot, version=record.version)
    return record


def _running_on(layout: Layout) -> Iterator[process.Process]:
    config = str(layout.config)
    return (found for found, word in process.having_argument(config) if word == config)


async def bring_up_to_date(ami: Ami, base: Base) -> tuple[str, ...]:
    """Give the adopted engine what can be reloaded; give the files that need a restart."""
    differing = [
        name for name, text in base_files(base).items() if not _same(base.layout, name, text)
    ]
    if "sorcery.conf" in differing:
        _read_accounts_as_before(base.layout.etc / "pjsip.conf")
    for name in RELOADABLE.intersection(differing):
        write_atomic(base.layout.etc / name, base_files(base)[name])
        await ami.dialplan_reload()
    return tuple(name for name in differing if name not in RELOADABLE)


def _read_accounts_as_before(file: Path) -> None:
    """An engine that learned as it started that accounts are in `pjsip.conf` looks nowhere else."""
    text = file.read_text(encoding="utf-8")
    missing = [line for line in ACCOUNTS_INCLUDED if line not in text]
    if missing:
        write_atomic(file, text + "".join(missing))


def _same(layout: Layout, name: str, text: str) -> bool:
    path = layout.etc / name
    return path.exists() and path.read_text(encoding="utf-8") == text


def wanted_ports(settings: EngineSettings, kept: Ports) -> Ports:
    """Give the ports as configured, those of a running engine where any will do."""
    return Ports(
        sip=settings.sip_port or kept.sip,
        ami=settings.ami_port or kept.ami,
        http=settings.http_port or kept.http,
        tls=settings.tls_port or kept.tls,
    )


def choose_ports(settings: EngineSettings, kept: Ports | None) -> Ports:
    """Give ports that are free now: those configured, else those kept, else new ones."""
    chosen: list[int] = []
    kept_tls = kept.tls if kept and kept.tls else settings.sip_port and settings.sip_port + 1
    for setting, port, old, host, kinds in (
        ("sip_port", settings.sip_port, kept and kept.sip, settings.bind, (UDP, TCP)),
        ("ami_port", settings.ami_port, kept and kept.ami, LOOPBACK, (TCP,)),
        ("http_port", settings.http_port, kept and kept.http, LOOPBACK, (TCP,)),
        ("sip_tls_port", settings.tls_port, kept_tls, settings.bind, (TCP,)),
    ):
        if port:
            require_free(setting, host, port, kinds)
            chosen.append(port)
        elif old and is_free(host, old, kinds):
            chosen.append(old)
        else:
            chosen.append(free_port(host, kinds, chosen))
    return Ports(*chosen)


async def wait_ready(
    ami: Ami, layout: Layout, running: process.Process, ports: Ports, within: float
) -> None:
    """Wait until the engine is booted and its journal works; the error quotes its log."""
    start, console = logtail.size(layout.messages), logtail.size(layout.console)
    try:
        await _first_of(_checks(ami, layout, ports), process.wait_end(running), within)
    except (AmiError, NotReadyError) as error:
        said = await _last_words(layout, start, console)
        raise NotReadyError(f"{error} ({said})", f"the whole log is {layout.messages}") from error


async def _last_words(layout: Layout, start: int, console: int) -> str:
    """What the engine complained of: it writes its log by and by."""
    said = logtail.NOTHING
    for _ in range(LOOKS):
        said = logtail.last_words(layout.messages, layout.console, start, console)
        if said != logtail.NOTHING:
            break
        await asyncio.sleep(LOOK_AGAIN)
    return said


async def _first_of(
    checks: Coroutine[None, None, None], death: Coroutine[None, None, bool], within: float
) -> None:
    """Await the checks, but no longer than the engine lives or the limit allows."""
    good, bad = asyncio.create_task(checks), asyncio.create_task(death)
    try:
        await asyncio.wait({good, bad}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        if not good.done():
            raise NotReadyError(
                "the engine ended" if bad.done() else f"the engine is not ready in {within:g} s"
            )
        good.result()
    finally:
        good.cancel()
        bad.cancel()
        await asyncio.gather(good, bad, return_exceptions=True)


async def _checks(ami: Ami, layout: Layout, ports: Ports) -> None:
    await ready.wait_booted(ami)
    await ready.check_transports(ami, ("udp", "tcp", "tls") if ports.tls else ("udp", "tcp"))
    await ready.check_journal(ami, layout.journal)


async def rotate_logs(ami: Ami, layout: Layout) -> None:
    """Begin new log files when one has grown, and keep two old ones of each."""
    logs = (layout.messages, layout.security)
    if all(logtail.size(path) < LARGEST_LOG for path in logs):
        return
    await ami.command("logger rotate")
    for path in logs:
        path.with_name(f"{path.name}.2").unlink(missing_ok=True)


async def stop(layout: Layout, record: EngineState) -> None:
    """End the engine and everything of it; calls that live are cut off."""
    if record.process and record.process.alive:
        with contextlib.suppress(EngineError, TimeoutError):
            # not over AMI: the engine would leave that command's file in /tmp
            await control.command(layout.control, "core stop now", 2.0)
        if not await process.wait_end(record.process, STOP_PATIENCE):
            await process.end(record.process, STOP_PATIENCE)
        process.reap(record.process)
    layout.leave()
    state.write(layout.state, replace(record, process=None))
