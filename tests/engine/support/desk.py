"""A desk phone: its lamps show how others are (RFC 4235)."""

import asyncio
import secrets
from typing import Any, Final
from xml.etree import ElementTree as ET

from hookswitch.phone import Phone, PhoneError
from hookswitch.phone.address import parse_address
from hookswitch.phone.digest import Credentials
from hookswitch.phone.exchange import exchange
from hookswitch.phone.message import Request
from hookswitch.phone.transaction import ServerTransaction

DIALOG: Final = "{urn:ietf:params:xml:ns:dialog-info}"
FREE, RINGING, BUSY = "terminated", "early", "confirmed"
WITHIN = 10.0


class DeskPhone(Phone):
    """Its `lamps` are what it was told of each whom it watches, in turn."""

    def __init__(self, user: str, **options: Any) -> None:
        super().__init__(user, **options)
        self.server = options["server"]
        self.login = Credentials(user, options["password"])
        self.lamps: dict[str, list[str]] = {}

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.method != "NOTIFY" or request.get("Event").partition(";")[0] != "dialog":
            super().on_request(transaction)
            return
        transaction.respond(200)
        if request.body:
            whom, state = shown(request.body)
            self.lamps.setdefault(whom, []).append(state)

    async def watch(self, whom: str) -> int:
        """Subscribe to the dialogs of an extension; gives the status of the answer."""
        host, port = self.server
        uri = f"sip:{whom}@{host}:{port}"
        request = Request("SUBSCRIBE", uri)
        request.headers = [
            ("Via", self.endpoint.via()),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{host}:{port}>;tag={secrets.token_hex(6)}"),
            ("To", f"<{uri}>"),
            ("Call-ID", secrets.token_hex(10)),
            ("CSeq", "1 SUBSCRIBE"),
            ("Contact", f"<{self.contact}>"),
            ("Event", "dialog"),
            ("Accept", "application/dialog-info+xml"),
            ("Expires", "300"),
        ]
        _, answer = await exchange(self.endpoint, self.login, request, self.server)
        return answer.status

    async def until(self, whom: str, state: str) -> None:
        """Wait until the lamp shows this."""
        async with asyncio.timeout(WITHIN):
            while self.lamps.get(whom, [""])[-1] != state:
                await asyncio.sleep(0.02)

    async def watches(self, whom: str) -> None:
        """Subscribe, and wait for how he is now."""
        if (status := await self.watch(whom)) != 200:
            raise PhoneError(f"{whom} may not be watched: {status}")
        async with asyncio.timeout(WITHIN):
            while whom not in self.lamps:
                await asyncio.sleep(0.02)


def shown(body: bytes) -> tuple[str, str]:
    """The extension and the state that a dialog-info document tells of."""
    document = ET.fromstring(body)
    state = document.findtext(f"{DIALOG}dialog/{DIALOG}state") or ""
    return parse_address(f"<{document.attrib['entity']}>").uri.partition("@")[0][4:], state
