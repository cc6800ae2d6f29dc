"""The smoke call: an engine is installed only if a real call through it gives its webhook events.

It is booted on a directory and ports of its own, so a running phone system is not touched.
"""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hookswitch.app.configuration.rendering import render
from hookswitch.asterisk import throwaway
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import SmokeCallError
from hookswitch.asterisk.launch import EngineSettings
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.calls.ledger import Ledger
from hookswitch.config.check import parse
from hookswitch.config.document import Document
from hookswitch.journal.tail import JournalTail
from hookswitch.model.facts import CallArrived, CallEnded, Fact, LegAnswered, LegEnded, LegRang
from hookswitch.model.journal import Cursor
from hookswitch.phone import NOTHING, Phone, PhoneError
from hookswitch.phone.behaviour import answer_after

NUMBER: Final = "61300000000"
CALLER: Final = "61400000001"
CARRIER_HOST: Final = "127.0.0.2"
WITHIN_S: Final = 20.0
TALK_S: Final = 0.2
EXPECTED: Final = (CallArrived, LegRang, LegAnswered, LegEnded, CallEnded)
POLL_S: Final = 0.05


async def smoke_call(engine: Engine, within: float = WITHIN_S) -> None:
    """Place one answered call through `engine`; raises an EngineError that says what is missing."""
    throwaway.remove_orphans()
    prefix = f"{throwaway.PREFIX}{os.getpid()}-"
    with tempfile.TemporaryDirectory(prefix=prefix) as place:
        try:
            async with asyncio.timeout(within):
                await _boot_and_call(engine, Path(place))
        except TimeoutError:
            raise SmokeCallError(f"the test call was not over in {within:g} s") from None
        except PhoneError as error:
            raise SmokeCallError(f"the test call failed: {error}") from error


async def _boot_and_call(engine: Engine, place: Path) -> None:
    password = secrets.token_urlsafe(16)
    supervisor = Supervisor(engine, place, EngineSettings(node="smoke", ready_within=WITHIN_S))
    async with Phone(CALLER, CARRIER_HOST, sound=NOTHING) as carrier:
        files = render(_document(password, carrier.address[1]), 1, place).files
        if problems := await throwaway.validate(engine, files):
            raise SmokeCallError(f"it does not take the configuration: {problems[0]}")
        supervisor.layout.make()
        for name, text in files.items():
            write_atomic(supervisor.layout.etc / name, text)
        try:
            await supervisor.start()
            sip = "127.0.0.1", supervisor.ports.sip
            async with Phone("1001", server=sip, password=password, sound=NOTHING) as alice:
                alice.on_call = answer_after(TALK_S)
                await alice.register()
                await _call(carrier, f"sip:{NUMBER}@{sip[0]}:{sip[1]}")
            await _read_back(supervisor)
        finally:
            await asyncio.shield(supervisor.stop())


async def _call(carrier: Phone, uri: str) -> None:
    call = await carrier.call(uri, caller=CALLER)
    await call.answered()
    await asyncio.sleep(TALK_S)
    await call.hang_up()


async def _read_back(supervisor: Supervisor) -> None:
    """Wait until the journal's records mean what this call was, in the order it was."""
    tail, ledger = JournalTail(supervisor.layout.journal, Cursor()), Ledger()
    facts: list[Fact] = []
    try:
        async with asyncio.timeout(5.0):
            while not any(isinstance(fact, CallEnded) and fact.call.revision for fact in facts):
                read = await asyncio.to_thread(tail.read)
                facts += [fact for line in read.lines for fact in ledger.apply(line)]
                tail.advance(read.cursor)
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise SmokeCallError(f"the journal tells of the test call only {_names(facts)}") from None
    _require_expected(facts)


def _require_expected(facts: Sequence[Fact]) -> None:
    kinds = [type(fact) for fact in facts if fact.call.revision]
    if missing := [kind.__name__ for kind in EXPECTED if kind not in kinds]:
        raise SmokeCallError(
            f"the journal does not tell {', '.join(missing)} of the test call, only {_names(facts)}"
        )


def _names(facts: Sequence[Fact]) -> str:
    return ", ".join(type(fact).__name__ for fact in facts if fact.call.revision) or "nothing"


def _document(password: str, carrier_port: int) -> Document:
    return parse(
        {
            "hookswitch": 1,
            "users": [
                {
                    "name": "Alice",
                    "extension": "1001",
                    "devices": [{"username": "1001", "password": password}],
                }
            ],
            "trunks": [{"name": "smoke", "host": CARRIER_HOST, "port": carrier_port}],
            "flows": [
                {
                    "name": "Smoke",
                    "objects": [
                        {
                            "id": "number",
                            "kind": "number",
                            "name": "Number",
                            "numbers": [NUMBER],
                            "outputs": {"next": "alice"},
                        },
                        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
                    ],
                }
            ],
        }
    )
