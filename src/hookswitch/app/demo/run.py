"""Starts everything, places the calls, checks what arrived."""

import asyncio
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from hookswitch.app.configuration.submission import Submission
from hookswitch.app.demo import example
from hookswitch.app.demo.show import Screen
from hookswitch.app.server import Server, running
from hookswitch.app.settings import Settings
from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.asterisk.configuration.files import write_private
from hookswitch.model.facts import CallArrived, Fact
from hookswitch.phone import Call, Phone
from hookswitch.phone.behaviour import answer_after, ring_only
from hookswitch.store.rows import Batch

WAIT_S: Final = 10.0
QUIET_S: Final = 0.5


class Demo:
    """One run of the demo."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._accounts = example.make_accounts()
        self._arrived = asyncio.Event()
        self._received: list[Received] = []
        self._wrong: list[str] = []
        self._calls: list[str] = []
        checks = Checks(signing_secret=self._accounts.signing_secret)
        self.listener = Listener(self._receive, checks=checks)
        self.carrier = Phone(example.CALLER, example.CARRIER_HOST)
        self.alice: Phone

    @asynccontextmanager
    async def up(self, settings: Settings) -> AsyncIterator[Server]:
        """Everything running and the example applied."""
        async with self.listener, running(settings, say=self._screen.say) as server:
            self._screen.say(f"receiving webhooks on {self.listener.url}")
            server.on_commit = self._committed
            sip = (settings.sip_host, server.supervisor.ports.sip)
            self.carrier = Phone(example.CALLER, example.CARRIER_HOST, server=sip)
            self.alice = Phone("1001", server=sip, password=self._accounts.alice_password)
            async with self.carrier, self.alice:
                await self._apply(server, settings.data_dir)
                await self.alice.register()
                self._screen.say("Alice's phone is registered as 1001")
                yield server

    async def _apply(self, server: Server, data_dir: Path) -> None:
        text = example.document(
            self._accounts,
            carrier_port=self.carrier.address[1],
            receiver_port=self.listener.port,
        )
        write_private(data_dir / "demo.yaml", text)
        applied = await server.submit(Submission(by="demo", text=text))
        self._screen.say(f"applied the example configuration as revision {applied.revision}")

    async def calls(self) -> bool:
        """Place the three calls; True if each gave exactly its webhooks."""
        plays: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
            "answered": ("Alice answers, and they talk for two seconds", self._answered),
            "given up": ("Alice's phone rings, the caller gives up", self._given_up),
            "unanswered": ("nobody answers: the flow goes on to its Webhook object", self._missed),
        }
        right = True
        for number, (name, (text, play)) in enumerate(plays.items(), 1):
            self._screen.title(f"Call {number} of {len(plays)}: {text}")
            before, call_count = len(self._received), len(self._calls)
            await play()
            await self._settle(before + len(example.EXPECTED[name]))
            call = self._calls[-1] if len(self._calls) > call_count else ""
            right &= self._compare(name, call, self._received[before:])
        return right and not self._wrong

    async def _answered(self) -> None:
        self.alice.on_call = answer_after(1.0)
        call = await self._dial()
        await call.answered()
        await asyncio.sleep(2)
        await call.hang_up()

    async def _given_up(self) -> None:
        self.alice.on_call = ring_only()
        call = await self._dial()
        await call.ringing()
        await asyncio.sleep(1.5)
        await call.hang_up()

    async def _missed(self) -> None:
        self.alice.on_call = ring_only()
        call = await self._dial()
        await call.ended()

    async def _dial(self) -> Call:
        return await self.carrier.call(
            example.NUMBER, name=example.CALLER_NAME, caller=example.CALLER
        )

    async def _settle(self, count: int) -> None:
        """Wait for the webhooks, and then a moment for any that should not come."""
        try:
            async with asyncio.timeout(WAIT_S):
                while len(self._received) < count:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return
        await asyncio.sleep(QUIET_S)

    def _compare(self, name: str, call: str, received: Sequence[Received]) -> bool:
        expected = example.EXPECTED[name]
        # two endpoints receive side by side: the order that holds is the one within each
        own = sorted(received, key=lambda r: r.document.get("type") == "webhook_component_event")
        got = tuple(r.document.get("type") for r in own)
        ids = {r.document.get("unique_call_id") for r in received}
        if got == expected and ids == {call}:
            self._screen.say(f"  all {len(expected)} webhooks of call {call} arrived, in order")
            return True
        self._screen.say(f"  expected {', '.join(expected)}; got {', '.join(map(str, got))}")
        return False

    def _committed(self, _batch: Batch, facts: Sequence[Fact]) -> None:
        self._calls += [fact.call.id for fact in facts if isinstance(fact, CallArrived)]
        self._screen.facts(facts)

    def _receive(self, received: Received) -> None:
        verdict = "; ".join(filter(None, (*received.checks.values(), self._token(received))))
        if verdict:
            self._wrong.append(verdict)
        self._received.append(received)
        self._screen.webhook(received, verdict)
        self._arrived.set()

    def _token(self, received: Received) -> str:
        """The Webhook object has a token of its own."""
        kind = received.document.get("type") if received.is_json else None
        is_object = kind == "webhook_component_event"
        wanted = self._accounts.object_token if is_object else self._accounts.crm_token
        return "" if received.headers.get("x-pbx-token") == wanted else "wrong token"

    def stay(self, server: Server, settings: Settings) -> None:
        """Say what can be tried now, and let Alice answer whoever calls."""
        self.alice.on_call = answer_after(2.0)
        say, ports = self._screen.say, server.supervisor.ports
        self._screen.title("It stays up: try it (Ctrl-C ends it)")
        first = f"/?code={server.setup_code}" if server.setup_code else ""
        say(f"  Open the console       {server.web.url}{first}")
        say(f"  Register a softphone   server {settings.sip_host}:{ports.sip} (UDP or TCP)")
        say(f"                         user 1002, password {self._accounts.bob_password}")
        say(f"  Dial from it           {example.NUMBER} (Alice answers after two seconds)")
        program, place = _program(), shlex.join(["--data-dir", str(settings.data_dir)])
        say("  Without a softphone    call it from another terminal:")
        say(f"    {program} phone call {example.NUMBER} --user 1002 {place}")
        say("  Or call as Bob from    the phone in the console's corner")
        say("  Change the example     edit and apply it:")
        say(f"    {program} apply {shlex.quote(str(settings.data_dir / 'demo.yaml'))} {place}")
        say(f"  API                    {server.web.url}/healthz and /metrics")
        say(f"                         its token is in {server.data.token_file}")


def _program() -> str:
    """How this command is typed here: `make demo` does not put it on the path."""
    own = Path(sys.argv[0])
    return own.name if shutil.which(own.name) else shlex.quote(str(own))
