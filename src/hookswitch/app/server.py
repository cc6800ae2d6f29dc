"""`hookswitch serve`: engine, live line, deliveries and API in one process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import structlog

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply import Applied, Applier, reload_engine
from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.app.configuration.following import Following, FreshClaims
from hookswitch.app.configuration.live import Live
from hookswitch.app.configuration.revisions import Revisions
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.configuration.trunk_names import NameWatch
from hookswitch.app.datadir import DataDir
from hookswitch.app.deliverer import worker_settings
from hookswitch.app.equipment import engine_settings, find_engine, speech
from hookswitch.app.line.elsewhere import AnswersElsewhere
from hookswitch.app.line.gap import JournalGap
from hookswitch.app.line.hub import Hub
from hookswitch.app.line.mailbox import delete_sent
from hookswitch.app.line.messages import MessageKeeper
from hookswitch.app.line.places import Places
from hookswitch.app.line.reader import LiveLine, NoLine
from hookswitch.app.line.relay import Relay
from hookswitch.app.line.state import RunningState
from hookswitch.app.line.waiting import WaitingCalls
from hookswitch.app.mailing import run_alerts, smtp_settings
from hookswitch.app.parts import SERVE, WEB, Parts, require_shared
from hookswitch.app.people.bans import BanRules, Bans
from hookswitch.app.settings import Settings
from hookswitch.app.stores import guard_of, is_shared, open_store
from hookswitch.app.tasks import Tasks
from hookswitch.app.upkeep import restoring
from hookswitch.app.upkeep.disk import disk_watch, make_room
from hookswitch.app.upkeep.forgetting import Forgetter
from hookswitch.app.upkeep.limits import limits_of
from hookswitch.app.upkeep.metrics import Metrics
from hookswitch.app.upkeep.overload import OverloadWatch
from hookswitch.app.upkeep.retention import Retention
from hookswitch.app.webhooks.builtin_receiver import BuiltInReceiver
from hookswitch.app.webhooks.feed import Feed
from hookswitch.app.webhooks.replaying import ReplayRunner
from hookswitch.app.webserver import WebServer
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.logins import LoginWatch
from hookswitch.asterisk.ringing import RingingWatch
from hookswitch.asterisk.supervise import State, Supervisor
from hookswitch.asterisk.whereabouts import HoldWatch
from hookswitch.config.document import Document
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.worker import DeliveryWorker
from hookswitch.journal.tail import JournalTail
from hookswitch.mail.worker import MailWorker
from hookswitch.media.links import Links
from hookswitch.media.prompts import Prompts
from hookswitch.model.delivery import Outcome
from hookswitch.model.facts import Fact
from hookswitch.model.journal import Cursor
from hookswitch.store.port import Store
from hookswitch.store.rows import Batch
from hookswitch.vault import Vault

log = structlog.get_logger(__name__)

OpenStore = Callable[[Settings, DataDir], Awaitable[Store]]
OnCommit = Callable[[Batch, Sequence[Fact]], None]


class Server:
    """The running parts; made by `running`."""

    def __init__(
        self, settings: Settings, data: DataDir, engine: Engine, store: Store, parts: Parts = SERVE
    ) -> None:
        self.parts = parts
        self.settings = settings
        self.data = data
        self.store = store
        self.live = Live()
        self.metrics = Metrics()
        self.supervisor = Supervisor(engine, data.path, engine_settings(settings), self._on_state)
        self.prompts = Prompts(data.prompts)
        layout = self.supervisor.layout
        vault = Vault(data.secrets_key, store)
        self.vault = vault
        self.revisions = Revisions(store, vault)
        self.applier = Applier(
            engine,
            layout,
            store,
            vault,
            live=self.live,
            prompts=self.prompts,
            speech=speech(settings, data),
        )
        self.mail = MailWorker(
            store,
            smtp_settings(settings),
            data.media,
            now_ms,
            lambda email: delete_sent(self.supervisor.ami, layout, data.media, email),
            on_result=self.metrics.mailed,
        )
        self.transport = HttpTransport(Guard([], []))
        self.following = Following(store, vault, self.live, self._follow)
        self.worker = DeliveryWorker(
            FreshClaims(store, self.live, self.following),
            self.transport,
            self.live.resolve,
            now_ms,
            worker_settings(settings),
            live=lambda: self.live.endpoints,
            mask_key=lambda: vault.derive("masking"),
            on_outcome=self._attempted,
        )
        self.web = WebServer(settings.host, settings.port)
        self.receiver = BuiltInReceiver(data.receiver_port, lambda: self.live.endpoints)
        self.disk = disk_watch(settings, data, self.supervisor, self._recorded_channels)
        self.metrics.watch_disk(self.disk)
        self.overload = OverloadWatch(self.supervisor.layout.control, settings.shed_calls_above_ms)
        self.metrics.watch_overload(self.overload)
        self.gap = JournalGap(self)
        self.bans = Bans(
            data.bans,
            self.supervisor,
            BanRules(
                failures=settings.sip_ban_failures,
                minutes=settings.sip_ban_minutes,
                exempt=settings.sip_ban_exempt,
            ),
            trunks=lambda: {
                place
                for trunk in self.live.document.trunks
                for place in (trunk.host, *trunk.addresses)
            },
            audit=store.add_audit,
        )
        self.metrics.watch_bans(self.bans)
        self.waiting = WaitingCalls(self.live, lambda: self.supervisor.ami)
        self.hub = Hub()
        self.feed = Feed(store)
        self.places = Places(
            self.hub, self.live, lambda: self.supervisor.ami, lambda: self.line.open_calls
        )
        self.receiver.on_request = lambda request: self.hub.tell("receiver", request)
        self.on_commit: OnCommit | None = None
        self.again: asyncio.Event | None = None
        """Set to be started again, where somebody does that."""
        self.setup_code = ""
        """What the first administrator is made with; "" once there is one."""
        self.line: LiveLine | NoLine = NoLine()
        self.tasks = Tasks()
        self.state = RunningState(self)
        self.replays = ReplayRunner(store, self.live, self.worker.wake)
        store.on_news("deliveries", self.worker.wake)
        store.on_news("endpoints", self.worker.look)

    async def apply(self, document: Document, by: str) -> int:
        """Make a checked document live on the running engine."""
        return (await self.submit(Submission.of(document, by))).revision

    async def submit(self, given: Submission) -> Applied:
        """Make what an administrator gives live on the running engine."""
        if self.parts.engine and self.supervisor.state is not State.READY:
            raise ApplyError("the engine is not running: see /healthz, then apply again")
        ami = self.supervisor.ami if self.parts.engine else None
        try:
            applied = await self.applier.apply(given, ami, self._revisions_in_use, self._step)
            await self.set_guard()
        except Exception:
            self.hub.tell("apply", {"step": "failed", "state": "failed"})
            raise
        self.hub.tell("apply", {"step": "done", "state": "done", "revision": applied.revision})
        return applied

    async def look_again(self) -> None:
        """Look up the names of trunks that could not be."""
        if self.supervisor.state is State.READY:
            try:
                for address in await self.applier.look_again(self.supervisor.ami):
                    self.bans.pardon(address)
            except EngineError as error:
                log.warning("apply.names_not_told", error=str(error))

    def _step(self, text: str) -> None:
        self.hub.tell("apply", {"step": text, "state": "running"})

    async def _follow(self, number: int, document: Document) -> None:
        """Take up what another process made live."""
        if not self.parts.engine:
            self.live.set(number, document)
        elif self.supervisor.state is State.READY:
            await self.applier.follow(number, document, self.supervisor.ami)
        else:
            raise ApplyError("the engine is not running")
        await self.set_guard()

    async def open(self) -> None:
        if self.parts.engine:
            await self.store.hold_node(self.settings.node)
        await self.revisions.open(shared=is_shared(self.settings))
        await self.live.load(self.store, self.vault)

    async def open_line(self) -> LiveLine:
        tail = JournalTail(
            self.supervisor.layout.journal,
            Cursor(),
            rotate_at=self.settings.journal_rotate_mb << 20,
            keep=self.settings.journal_keep_files,
        )
        self.line = line = await LiveLine.open(
            self.settings.node,
            tail,
            store=self.store,
            endpoints=lambda: self.live.endpoints,
            keeper=MessageKeeper(
                self.data.media,
                self.supervisor.layout.recordings,
                self._links(),
                self.live,
                self.prompts,
                mails=bool(self.settings.smtp_host),
            ),
            on_commit=self._committed,
        )
        await self.live.load_earlier(self.store, self.vault, sorted(self._revisions_in_use()))
        return line

    def _links(self) -> Links:
        return Links(self.data.link_key(), self.settings.public_url or self.web.url)

    def _committed(self, batch: Batch, facts: Sequence[Fact]) -> None:
        self.metrics.committed(batch, facts)
        self.overload.committed(facts)
        self.waiting.committed(facts)
        self.places.committed(facts)
        self.hub.committed(batch, facts)
        if batch.events:
            self.feed.tell()
        if batch.deliveries:
            self.worker.wake()
        if batch.emails:
            self.mail.wake()
        if self.on_commit is not None:
            self.on_commit(batch, facts)

    def _attempted(self, outcome: Outcome) -> None:
        self.metrics.attempted(outcome)
        self.waiting.attempted(outcome)
        self.hub.attempted(outcome)

    def _revisions_in_use(self) -> set[int]:
        return {call.revision for call in self.line.open_calls if call.revision}

    def _recorded_channels(self) -> frozenset[str]:
        recordings = (r for call in self.line.open_calls for r in call.recordings.values())
        return frozenset(r.channel_name for r in recordings if r.closed_at is None)

    async def set_guard(self) -> None:
        own = [(self.settings.host, self.web.port)]
        if self.parts.engine:
            ports = self.supervisor.ports
            own += [
                (self.settings.sip_host, ports.sip),
                (self.settings.sip_host, ports.tls),
                ("127.0.0.1", ports.ami),
                ("127.0.0.1", ports.http),
            ]
        await self.transport.set_guard(guard_of(self.live.document, own, self.settings))

    def _on_state(self, state: State, reason: str) -> None:
        self.metrics.engine_up.set(state is State.READY)
        self.gap.on_state(state)
        self.hub.tell("health", {"part": "engine", "state": state.value, "reason": reason})


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    open_store: OpenStore = open_store,
    say: Callable[[str], None],
    parts: Parts = SERVE,
) -> AsyncIterator[Server]:
    """Start everything in order and end it in the reverse one; `say` hears each step.

    Order: the port first (cheap to refuse), then the store, the engine, the live line, the
    deliveries. On the way out the engine ends first, so that its last records are still read.
    """
    from hookswitch.app.services import mount  # noqa: PLC0415  the web framework is slow to load

    require_shared(parts, shared=is_shared(settings))
    data = DataDir(settings.data_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(data.lock(parts.name if parts is WEB else ""))
        if await restoring.finish(data):
            say("restored: what was here lies in before-restore")
        make_room(data)
        engine = find_engine(settings)
        store = await open_store(settings, data)
        stack.push_async_callback(store.close)
        server = Server(settings, data, engine, store, parts)
        stack.push_async_callback(server.transport.close)
        stack.callback(server.applier.close)
        await server.receiver.start()
        stack.push_async_callback(server.receiver.close)
        await server.web.bind()
        stack.push_async_callback(server.web.close)
        stack.callback(server.hub.close)
        stack.callback(server.feed.close)
        await server.open()
        if parts.engine:
            say(f"starting the engine (Asterisk {engine.version})")
            await _start_engine(server, stack)
        await server.set_guard()
        await server.tasks.run(stack, "revisions", server.following.run(), server.following.stop)
        if parts.deliveries:
            await server.tasks.run(stack, "deliveries", server.worker.run(), server.worker.stop)
            await server.tasks.run(stack, "replays", server.replays.run(), server.replays.stop)
            await run_alerts(server, stack)
            forgetter = Forgetter(store, lambda: limits_of(settings, server.live.document))
            await server.tasks.run(stack, "history", forgetter.run(), forgetter.stop)
        if is_shared(settings):
            relay = Relay(server.hub, store)
            await server.tasks.run(stack, "relay", relay.run(), relay.stop)
        if parts.engine:
            await _run_line(server, stack)
        server.setup_code = code = await mount(server).open()
        await server.web.start()
        data.announce(server.web.url)
        say(f"serving on {server.web.url}")
        if code:
            say(f"no administrator yet: open that address and enter the code {code}")
        yield server


async def _run_line(server: Server, stack: AsyncExitStack) -> None:
    """Run what belongs to the engine's machine."""
    run, settings = server.tasks.run, server.settings
    await run(stack, "emails", server.mail.run(), server.mail.stop)
    await run(stack, "disk", server.disk.run(), server.disk.stop)
    await run(stack, "load", server.overload.run(), server.overload.stop)
    keeping = Retention(
        server.data.media,
        server.supervisor.layout.recordings,
        lambda: limits_of(settings, server.live.document),
    )
    await run(stack, "retention", keeping.run(), keeping.stop)
    await run(stack, "bans", server.bans.run(), server.bans.stop)
    names = NameWatch(server.look_again)
    await run(stack, "names", names.run(), names.stop)
    line = server.line
    assert isinstance(line, LiveLine)  # noqa: S101  opened with the engine
    await run(stack, "live line", line.run(), line.stop)
    await run(stack, "trunks", server.state.trunks.run(), server.state.trunks.stop)
    await run(stack, "places", server.places.run(), server.places.stop)
    # before the two above: what the engine writes as it ends is still read and delivered
    stack.push_async_callback(server.supervisor.stop)
    stack.push_async_callback(server.gap.close)
    if is_shared(settings):
        elsewhere = AnswersElsewhere(server.store, server.waiting)
        await run(stack, "answers", elsewhere.run(), elsewhere.stop)
    stack.push_async_callback(server.waiting.close)


async def _start_engine(server: Server, stack: AsyncExitStack) -> None:
    supervisor = server.supervisor
    supervisor.layout.make()
    server.bans.write()
    stale = await server.applier.restore()
    stack.push_async_callback(supervisor.stop)
    await supervisor.start()
    if stale and supervisor.adopted:
        await reload_engine(supervisor.ami)
    line = await server.open_line()
    # ringing is milliseconds early there, seconds late in the journal
    stack.callback(RingingWatch(supervisor.ami, line.ringing).close)
    stack.callback(LoginWatch(supervisor.ami, server.bans.login).close)
    stack.callback(HoldWatch(supervisor.ami, server.places.on_hold).close)
