"""Keeps one engine running: starts or adopts it, watches it, restarts it when it dies."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import structlog

from hookswitch.asterisk import launch, logtail, phones, process, ready, state
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.configuration.base_config import AMI_USER, Ports
from hookswitch.asterisk.configuration.files import lock, private_dir
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import AlreadySupervisedError, EngineError, StartError
from hookswitch.asterisk.launch import LOOPBACK, EngineSettings
from hookswitch.asterisk.layout import Layout
from hookswitch.asterisk.process import Process
from hookswitch.asterisk.state import EngineState
from hookswitch.model.secret import Secret

log = structlog.get_logger(__name__)

FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
HEALTHY_AFTER = 60.0
"""Seconds of life after which a death is a new trouble, not the same again."""
LOOK_EVERY = 1.0


class State(StrEnum):
    """What the engine is doing."""

    STARTING = "starting"
    READY = "ready"
    JOURNAL_LOST = "journal_lost"
    """The journal's directory had vanished: what happened meanwhile was not recorded."""
    DOWN = "down"
    STOPPED = "stopped"


OnState = Callable[[State, str], None]


class Supervisor:
    """The engine of one data directory; it lives on when we die, and the next start adopts it."""

    def __init__(
        self,
        engine: Engine,
        data: Path,
        settings: EngineSettings | None = None,
        on_state: OnState | None = None,
    ) -> None:
        self.engine = engine
        self.layout = Layout(data.absolute())
        self.settings = settings or EngineSettings()
        self.state = State.STOPPED
        self.adopted = False
        """True while the engine is one that an earlier process of ours had started."""
        self.restart_needed: tuple[str, ...] = ()
        """The configuration files that an adopted engine has in an older form."""
        self._on_state = on_state
        self._record = EngineState()
        self._ami: Ami | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._lock: int | None = None

    @property
    def ami(self) -> Ami:
        """The manager connection; the same one over restarts of the engine."""
        if self._ami is None:
            raise StartError("the engine has not been started")
        return self._ami

    @property
    def ports(self) -> Ports:
        if self._record.ports is None:
            raise StartError("the engine has not been started")
        return self._record.ports

    @property
    def process(self) -> Process | None:
        return self._record.process

    @property
    def boot(self) -> int:
        """Counts the engine's starts on this data directory."""
        return self._record.boot

    @property
    def systemname(self) -> str:
        """What every id of this boot begins with."""
        return launch.systemname(self.settings, self._record)

    @property
    def version(self) -> str:
        """The version of the running engine, which may be older than the one installed."""
        return self._record.version

    async def start(self) -> None:
        """Adopt the running engine or start one; on return it is ready to take calls."""
        self._take_lock()
        try:
            self.layout.make()
            self._record = state.read(self.layout.state)
            adopted = await launch.adopt(self.layout, self._record)
            self.adopted = adopted is not None
            self._tell(State.STARTING, "adopting the running engine" if adopted else "")
            self._record = adopted or await self._launched()
            await self._come_up()
        except BaseException:
            await self._abandon()
            raise
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the engine cleanly, and our watch over it."""
        await self._end_watch()
        await launch.stop(self.layout, self._record)
        await self._release()
        self._tell(State.STOPPED, "")

    async def detach(self) -> None:
        """End our watch and leave the engine running, for the next start to adopt."""
        await self._end_watch()
        await self._release()

    async def check(self) -> None:
        """Raise unless a record written to the journal can be read back."""
        await ready.check_journal(self.ami, self.layout.journal)

    async def _launched(self) -> EngineState:
        self.adopted = False
        self.restart_needed = ()
        return await launch.launch(self.engine, self.layout, self.settings, self._record)

    async def _come_up(self) -> None:
        """Wait until the engine of the record is ready."""
        if self._ami is None:
            secret = Secret(self._record.secret)
            self._ami = Ami(LOOPBACK, self.ports.ami, AMI_USER, secret)
            self._ami.start()
        running = self._record.process
        if running is None:
            raise StartError("the engine has not been started")
        within = self.settings.ready_within
        await launch.wait_ready(self._ami, self.layout, running, self.ports, within)
        if self.adopted:
            await self._compare()
        else:
            await phones.ask_registered(self._ami)
        self._tell(State.READY, f"boot {self.boot}")

    async def _compare(self) -> None:
        ports = launch.wanted_ports(self.settings, self.ports)
        wanted = state.with_ports(self._record, ports)
        base = launch.base_of(self.engine, self.layout, self.settings, wanted)
        self.restart_needed = await launch.bring_up_to_date(self.ami, base)
        if self.restart_needed:
            log.warning(
                "engine.restart_needed",
                files=self.restart_needed,
                mend="it was started with other settings: stop and start hookswitch",
            )

    async def _watch(self) -> None:
        delay, loop = FIRST_DELAY, asyncio.get_running_loop()
        while True:
            since = loop.time()
            await self._watch_one_life()
            if loop.time() - since > HEALTHY_AFTER:
                delay = FIRST_DELAY
            delay = await self._restart(delay)

    async def _watch_one_life(self) -> None:
        """Look after the running engine until it ends."""
        running = self._record.process
        if running is None:
            return
        while not await process.wait_end(running, LOOK_EVERY):
            await self._look()
        code = process.reap(running)
        how = "" if code is None else f" with code {code}" if code >= 0 else f" by signal {-code}"
        said = logtail.last_words(self.layout.messages, self.layout.console)
        self._tell(State.DOWN, f"the engine ended{how} ({said})")

    async def _restart(self, delay: float) -> float:
        """Start the engine anew until it is ready; give the delay for its next death."""
        while True:
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)
            self._tell(State.STARTING, "")
            try:
                self._record = await self._launched()
                await self._come_up()
            except (EngineError, OSError) as error:
                # OSError: a full disk, most likely. It may be mended while we go on trying.
                await self._end_engine()
                self._tell(State.DOWN, str(error))
            else:
                return delay

    async def _look(self) -> None:
        """See that the journal has its place and the logs do not grow for ever."""
        place = self.layout.journal_dir
        if not place.is_dir():
            with contextlib.suppress(OSError):
                private_dir(place)
            if self.state is not State.JOURNAL_LOST:
                self._tell(State.JOURNAL_LOST, f"{place} had vanished")
        with contextlib.suppress(EngineError, OSError):
            if self.state is State.JOURNAL_LOST:
                await self.check()
                self._tell(State.READY, "the journal is written again")
            await launch.rotate_logs(self.ami, self.layout)

    async def _end_engine(self) -> None:
        if self._record.process is not None:
            await process.end(self._record.process, launch.STOP_PATIENCE)

    async def _end_watch(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None

    async def _abandon(self) -> None:
        """Leave nothing behind of a start that failed; an adopted engine has calls and stays."""
        if not self.adopted:
            await self._end_engine()
        await self._release()
        self.state = State.STOPPED

    async def _release(self) -> None:
        if self._ami is not None:
            await self._ami.close()
            self._ami = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        if self._lock is not None:
            raise AlreadySupervisedError("this engine is started already")
        self._lock = lock(private_dir(self.layout.root) / "lock")
        if self._lock is None:
            raise AlreadySupervisedError(
                f"another hookswitch process looks after {self.layout.data}",
                "stop that one first or choose another --data-dir",
            )

    def _tell(self, new: State, reason: str) -> None:
        self.state = new
        log.info("engine state", state=new.value, reason=reason, boot=self.boot)
        if self._on_state is not None:
            self._on_state(new, reason)
