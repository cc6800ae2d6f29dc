"""Is the engine ready: it answers, its journal is written, and what is written can be read."""

import asyncio
import secrets
from collections.abc import Iterable
from pathlib import Path

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.configuration.base_dialplan import CANARY
from hookswitch.asterisk.errors import AmiDisconnectedError, NotReadyError
from hookswitch.asterisk.logtail import size

POLL = 0.02


async def wait_booted(ami: Ami) -> None:
    """Wait until the manager connection is there and every module is loaded."""
    while True:
        await ami.wait_connected(60.0)
        try:
            if (await ami.command("core waitfullybooted", 60.0)).strip():
                return
        except AmiDisconnectedError:
            await asyncio.sleep(POLL)


async def check_journal(ami: Ami, journal: Path, within: float = 5.0) -> None:
    """Write a record and read it back; a running module alone proves nothing."""
    if "Running" not in await ami.command("module show like cel_custom"):
        raise NotReadyError("the engine's journal module (cel_custom) is not running")
    token, start = secrets.token_hex(16), size(journal)
    await ami.action(
        "Originate",
        Channel=f"Local/s@{CANARY}/n",
        Application="Wait",
        Data="1",
        Variable=f"__HS_CANARY={token}",
        Async="true",
    )
    try:
        async with asyncio.timeout(within):
            while True:
                if _holds(journal, token, start):
                    return
                await asyncio.sleep(POLL)
    except TimeoutError:
        raise NotReadyError(
            f"a record written to the journal did not appear in {journal}"
        ) from None


def _holds(journal: Path, token: str, start: int) -> bool:
    if not journal.exists():
        return False
    with journal.open("rb") as file:
        # From the beginning if the file was replaced by a shorter one.
        file.seek(start if start <= size(journal) else 0)
        return token.encode() in file.read()


async def check_transports(ami: Ami, names: Iterable[str]) -> None:
    """Make sure that the engine listens for SIP: it boots without, if a port was taken from it."""
    shown = await ami.command("pjsip show transports")
    for name in names:
        if f" {name} " not in shown:
            raise NotReadyError(f"the engine does not listen for SIP over {name}")
