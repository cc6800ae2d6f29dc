"""What the API asks for, answered by the running parts."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hookswitch.api.app import create_app
from hookswitch.api.guard import Policy
from hookswitch.api.ports import (
    Click,
    DeliveryDetails,
    Happening,
    Health,
    Identity,
    Refused,
    WebhookTrial,
)
from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.catalogue import catalogue
from hookswitch.app.configuration.configuring import Configuring
from hookswitch.app.configuration.drafts import Drafts
from hookswitch.app.configuration.example import example
from hookswitch.app.configuration.simulation import question, simulated
from hookswitch.app.installation import about, settings_of, storage
from hookswitch.app.line import call_details
from hookswitch.app.line.clicks import Clicks
from hookswitch.app.line.mailbox import delete_of
from hookswitch.app.line.watching import browser_phone, watch
from hookswitch.app.people.access import Access
from hookswitch.app.people.second_factor import SecondFactor
from hookswitch.app.settings import Settings
from hookswitch.app.stores import is_shared
from hookswitch.app.upkeep import backup, erasing, restoring
from hookswitch.app.upkeep.disk import Level
from hookswitch.app.webhooks import by_hand
from hookswitch.app.webhooks.endpoints import Endpoints
from hookswitch.app.webhooks.trigger_health import TriggerHealth
from hookswitch.app.webhooks.wishes import require_known
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.supervise import State
from hookswitch.config.check import check_references
from hookswitch.config.secrets import masked
from hookswitch.media.links import token_hash
from hookswitch.media.prompts import Prompt, PromptError
from hookswitch.model.bans import Ban
from hookswitch.model.calls import CallState
from hookswitch.model.delivery import Attempt
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.model.replay import Replay, Told, Wish
from hookswitch.simulate.scenario import ScenarioError
from hookswitch.store.port import StoreError
from hookswitch.store.rows import CallFilter, CallMark, DeliveryFilter, DeliveryRow

if TYPE_CHECKING:
    from hookswitch.app.server import Server

ANSWER_FIRST_S: Final = 0.3


def mount(server: "Server") -> Access:
    """Give the web server its application; what is given must be opened before it starts."""
    services = ServerServices(server)
    server.web.app = create_app(services, catalogue(), _policy(server.settings))
    return services.access


def _policy(settings: Settings) -> Policy:
    public = urlsplit(settings.public_url)
    names = (public.hostname, settings.host, socket.gethostname(), *settings.allowed_hosts)
    return Policy(
        hosts=frozenset(name.lower() for name in names if name),
        proxies=[ipaddress.ip_network(network) for network in settings.trusted_proxies],
        is_https=public.scheme == "https",
    )


def _configuration_health(server: "Server") -> str:
    if server.following.health != "ok":
        return server.following.health
    if files := server.supervisor.restart_needed:
        return f"the engine has older settings until it is started anew ({', '.join(files)})"
    return "ok" if server.live.revision else "nothing applied yet"


class ServerServices:
    """`api.ports.Services` on a running server."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self.access = Access(
            server.store,
            SecondFactor(server.vault, server.store),
            machine_token=server.data.token(),
            idle_minutes=server.settings.session_idle_minutes,
        )
        self._clicks = Clicks(server)
        self.drafts = Drafts(
            server.store,
            server.vault,
            server.revisions,
            submit=server.submit,
            prompts=server.prompts.names,
            example=lambda: example(server.receiver.port),
        )
        self._triggers = TriggerHealth(server.store, server.live)

    @property
    def configuring(self) -> Configuring:
        server = self._server
        return Configuring(server.revisions, server.submit, server.applier.rotate_key)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self._server, self._triggers)

    async def health(self) -> Health:
        server = self._server
        state = server.supervisor.state
        parts = {
            "engine": "ok" if state is State.READY or not server.parts.engine else state.value,
            "configuration": _configuration_health(server),
            "store": await self._store_health(),
            "disk": server.disk.health,
            "load": server.overload.health,
            "journal": server.gap.health,
            "running": "ok" if not server.tasks.failed.done() else "a part has ended",
        }
        needed = (parts["engine"], parts["store"], parts["running"])
        takes_calls = server.disk.level is not Level.NO_CALLS
        return Health(takes_calls and all(part == "ok" for part in needed), parts)

    async def _store_health(self) -> str:
        try:
            await self._server.store.oldest_pending()
        except StoreError:
            return "the database does not answer"
        if self._server.line.trouble or self._server.worker.trouble:
            return "the database takes nothing: events wait, see the log"
        return "ok"

    async def metrics(self) -> bytes:
        server = self._server
        budget_ms = round(server.settings.delivery_failing_hours * 3_600_000)
        return await server.metrics.render(
            server.store, server.line, server.worker.gates, budget_ms
        )

    async def watch(self, who: Identity) -> AsyncIterator[Happening | None]:
        return await watch(self._server, self.access, who)

    async def users_state(self) -> Sequence[Mapping[str, Any]]:
        return await self._server.state.users()

    async def trunks_state(self) -> Sequence[Mapping[str, Any]]:
        return await self._server.state.trunks.states()

    async def queues_state(self) -> Sequence[Mapping[str, Any]]:
        return await self._server.state.queues()

    async def browser_phone(self, extension: str | None) -> Mapping[str, Any]:
        return browser_phone(self._server, extension)

    def received(self) -> tuple[str, Sequence[Mapping[str, Any]]]:
        receiver = self._server.receiver
        return f"http://127.0.0.1:{receiver.port}", receiver.requests()

    async def erase(self, number: str) -> Mapping[str, int | None]:
        server = self._server
        messages = await self._erase_messages(erasing.bare_number(number))
        done = await erasing.erase(server.store, server.data.media, number)
        return {**done, "messages": messages}

    async def _erase_messages(self, number: str) -> int | None:
        """Before everything else: while some stay, the caller can be asked for again."""
        if not self._server.parts.engine:
            return None
        try:
            ami = self._server.state.ami()
            return await delete_of(ami, self._server.supervisor.layout, number)
        except EngineError as error:
            raise Refused(
                503,
                "Messages in mailboxes not deleted",
                f"{error}: nothing else is erased, do it again once the engine runs",
            ) from error

    async def backups(self) -> Sequence[Mapping[str, Any]]:
        return await asyncio.to_thread(backup.listed, self._server.data)

    def _require_own_database(self) -> None:
        if is_shared(self._server.settings):
            raise Refused(
                409, "PostgreSQL", "back the database up, and restore it, by its own means: pg_dump"
            )

    async def take_backup(self, content: AsyncIterator[bytes]) -> Mapping[str, Any]:
        self._require_own_database()
        try:
            name = await restoring.take(content, self._server.data)
        except backup.BackupError as error:
            raise Refused(422, "Not a backup", str(error)) from error
        return next(one for one in await self.backups() if one["name"] == name)

    async def restore(self, name: str) -> Mapping[str, Any]:
        self._require_own_database()
        again, path = self._server.again, self.backup_file(name)
        if path is None:
            raise Refused(404, "Not Found", "there is no backup of that name")
        if again is None:
            raise Refused(
                409, "Not here", "this process does not start again: use hookswitch restore"
            )
        try:
            manifest = await restoring.stage(path, self._server.data)
        except backup.BackupError as error:
            raise Refused(422, "Cannot be restored", str(error)) from error
        # the answer goes out first: the web server ends what it has begun
        asyncio.get_running_loop().call_later(ANSWER_FIRST_S, again.set)
        return {"made_at": manifest["made_at"], "version": manifest["version"]}

    async def make_backup(self, *, audio: bool) -> Mapping[str, Any]:
        self._require_own_database()
        place = backup.new_place(self._server.data)
        try:
            await asyncio.to_thread(backup.make, self._server.data, place, audio=audio)
        except backup.BackupError as error:
            raise Refused(507, "No backup", str(error)) from error
        return next(one for one in await self.backups() if one["name"] == place.name)

    def backup_file(self, name: str) -> Path | None:
        return backup.place_of(self._server.data, name)

    def about(self) -> Mapping[str, Any]:
        return about(self._server)

    async def storage(self) -> Mapping[str, Any]:
        return await asyncio.to_thread(storage, self._server)

    def settings(self) -> Sequence[Mapping[str, Any]]:
        return settings_of(self._server.settings)

    async def live(self) -> Mapping[str, Any]:
        live = self._server.live
        return {"revision": live.revision, "document": masked(live.document)}

    async def calls(
        self, wanted: CallFilter, before: CallMark | None, limit: int
    ) -> Sequence[CallState]:
        return await self._server.store.calls(wanted, before=before, limit=limit)

    def call_summary(self, call: CallState) -> Mapping[str, Any]:
        return call_details.summary(call)

    async def call(self, call: CallId) -> Mapping[str, Any]:
        return await call_details.details(self._server.store, self._server.data.media, call)

    async def events(self, call: CallId) -> Sequence[Event]:
        return await self._server.store.events(call)

    async def deliveries(
        self, wanted: DeliveryFilter, before: DeliveryId | None, limit: int
    ) -> Sequence[DeliveryRow]:
        return await self._server.store.deliveries(wanted, before=before, limit=limit)

    async def delivery(self, delivery: DeliveryId) -> DeliveryDetails:
        return await by_hand.details(self._server, delivery)

    async def retry(self, delivery: DeliveryId, *, again: bool) -> DeliveryDetails:
        return await by_hand.retry(self._server, delivery, again=again)

    async def try_webhook(self, endpoint: EndpointId, kind: EventType) -> WebhookTrial:
        return await by_hand.try_webhook(self._server, endpoint, kind)

    async def audio(self, token: str) -> Path | None:
        media = await self._server.store.media_by_token(token_hash(token), now_ms())
        path = self._server.data.media / media.path if media else None
        return path if path is not None and path.is_file() else None

    async def audio_of(self, event: EventId) -> Path | None:
        media = await self._server.store.media_of(event)
        path = self._server.data.media / media.path if media else None
        return path if path is not None and path.is_file() else None

    async def revoke_audio(self, event: EventId) -> bool:
        return await self._server.store.revoke_media(event)

    @property
    def engine_socket(self) -> str:
        if not self._server.parts.engine:
            raise Refused(503, "No engine", "this process has no engine: ask the node that has it")
        return f"ws://127.0.0.1:{self._server.supervisor.ports.http}/ws"

    async def click(self, wish: Click) -> CallId:
        return await self._clicks.call(wish)

    async def simulate(self, call: Mapping[str, Any]) -> Mapping[str, Any]:
        document = await self.drafts.parsed()
        try:
            return simulated(document, question(call), now_ms())
        except ScenarioError as error:
            raise Refused(422, "The call cannot be played", str(error)) from error

    async def bans(self) -> Sequence[Ban]:
        return self._server.bans.all

    async def unban(self, address: str) -> None:
        if not self._server.bans.remove(address):
            raise Refused(404, "Not Found", f"{address} is not banned: see hookswitch bans list")

    async def prompts(self) -> Sequence[Prompt]:
        return await asyncio.to_thread(self._server.prompts.all)

    async def add_prompt(self, name: str, audio: bytes) -> Prompt:
        try:
            return await asyncio.to_thread(self._server.prompts.add, name, audio)
        except PromptError as error:
            raise Refused(422, "Not a prompt", str(error)) from error

    async def delete_prompt(self, name: str) -> None:
        document = self._server.live.document
        if check_references(document, self._server.prompts.names() - {name}):
            raise Refused(409, "In use", f"the live configuration plays the prompt {name!r}")
        try:
            await asyncio.to_thread(self._server.prompts.delete, name)
        except PromptError as error:
            raise Refused(404, "Not Found", str(error)) from error

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        return await self._server.store.attempts(delivery)

    async def matching(self, wish: Wish) -> Mapping[EndpointId, int]:
        await require_known(wish, self._server.store, self._server.live)
        return await self._server.store.matching(wish)

    def is_gone(self, endpoint: EndpointId) -> bool:
        return self._server.live.is_gone(endpoint)

    async def begin_replay(self, wish: Wish, rate: int, by: str) -> Replay:
        begun = await self._server.store.begin_replay(wish, rate, by, now_ms())
        self._server.replays.wake()
        return begun

    async def replays(self, limit: int) -> Sequence[Replay]:
        return await self._server.store.replays(limit)

    async def replay(self, number: int) -> Replay | None:
        return await self._server.store.replay(number)

    async def cancel_replay(self, number: int) -> bool:
        return await self._server.store.cancel_replay(number, now_ms())

    async def feed(self, after: int, limit: int, wait_s: float = 0) -> Sequence[Told]:
        return await self._server.feed.get(after, limit, wait_s)
