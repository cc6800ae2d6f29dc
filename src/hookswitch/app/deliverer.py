"""`hookswitch worker`: deliveries alone, on a database that others fill."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.following import Following, FreshClaims
from hookswitch.app.configuration.live import Live
from hookswitch.app.datadir import DataDir
from hookswitch.app.line.hub import Hub
from hookswitch.app.line.relay import Relay
from hookswitch.app.mailing import run_alerts
from hookswitch.app.parts import WORKER, require_shared
from hookswitch.app.settings import Settings
from hookswitch.app.stores import guard_of, is_shared, open_store
from hookswitch.app.tasks import Tasks
from hookswitch.app.upkeep.forgetting import Forgetter
from hookswitch.app.upkeep.limits import limits_of
from hookswitch.app.webhooks.replaying import ReplayRunner
from hookswitch.app.webhooks.worker_health import WorkerHealth
from hookswitch.app.webserver import WebServer
from hookswitch.config.document import Document
from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.delivery import Outcome
from hookswitch.store.port import Store
from hookswitch.vault import Vault


class Deliverer:
    """The running parts; made by `delivering`."""

    def __init__(self, settings: Settings, data: DataDir, store: Store) -> None:
        self.settings = settings
        self.live = Live()
        self.vault = Vault(data.secrets_key, store)
        self.store = store
        self.transport = HttpTransport(Guard([], []))
        self.following = Following(store, self.vault, self.live, self._take)
        self.hub = Hub()
        self.worker = DeliveryWorker(
            FreshClaims(store, self.live, self.following),
            self.transport,
            self.live.resolve,
            now_ms,
            worker_settings(settings),
            live=lambda: self.live.endpoints,
            mask_key=lambda: self.vault.derive("masking"),
            on_outcome=self._attempted,
        )
        self.relay = Relay(self.hub, store)
        self.replays = ReplayRunner(store, self.live, self.worker.wake)
        store.on_news("deliveries", self.worker.wake)
        store.on_news("endpoints", self.worker.look)
        self.tasks = Tasks()
        self.health = WorkerHealth(self)
        self.web = WebServer(settings.worker_host, settings.worker_port, "worker_port")
        self.web.app = self.health.app

    def _attempted(self, outcome: Outcome) -> None:
        self.health.attempted(outcome)
        self.hub.attempted(outcome)

    async def open(self) -> None:
        await self.vault.check()
        await self.live.load(self.store, self.vault)
        await self.set_guard()

    async def _take(self, number: int, document: Document) -> None:
        self.live.set(number, document)
        await self.set_guard()

    async def set_guard(self) -> None:
        own = [(self.web.host, self.web.port)]
        await self.transport.set_guard(guard_of(self.live.document, own, self.settings))


def worker_settings(settings: Settings) -> WorkerSettings:
    return WorkerSettings(
        max_in_flight=settings.delivery_in_flight,
        gate=GateSettings(most=settings.delivery_per_endpoint),
        failure_budget_ms=round(settings.delivery_failing_hours * 3_600_000),
        window_ms=round(settings.delivery_window_s * 1000),
        send=SendSettings(
            deadline_s=settings.delivery_deadline_s,
            retry=RetrySettings(ladder=tuple(round(s * 1000) for s in settings.delivery_retries_s)),
        ),
    )


@asynccontextmanager
async def delivering(settings: Settings, *, say: Callable[[str], None]) -> AsyncIterator[Deliverer]:
    """Deliver until the context ends; any number of these may run, on any machine.

    Of the data directory only the key file is used, so it may be that of a node.
    """
    require_shared(WORKER, shared=is_shared(settings))
    data = DataDir(settings.data_dir)
    data.make()
    async with AsyncExitStack() as stack:
        store = await open_store(settings, data)
        stack.push_async_callback(store.close)
        made = Deliverer(settings, data, store)
        stack.push_async_callback(made.transport.close)
        stack.push_async_callback(made.web.close)
        await made.web.bind()
        await made.open()
        await made.tasks.run(stack, "revisions", made.following.run(), made.following.stop)
        await made.tasks.run(stack, "deliveries", made.worker.run(), made.worker.stop)
        await made.tasks.run(stack, "replays", made.replays.run(), made.replays.stop)
        await run_alerts(made, stack)
        await made.tasks.run(stack, "relay", made.relay.run(), made.relay.stop)
        forgetter = Forgetter(store, lambda: limits_of(settings, made.live.document))
        await made.tasks.run(stack, "history", forgetter.run(), forgetter.stop)
        await made.web.start()
        say(f"delivering; health and metrics at {made.web.url}")
        yield made
