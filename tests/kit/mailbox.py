"""A mail server's end: answers as told, keeps what it took."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP

from hookswitch.mail.smtp import SmtpSettings


class Mailbox:
    """`taken` are the envelopes that were answered 250."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.taken: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd calls it so
        if self.answer.startswith("250"):
            self.taken.append(envelope)
        return self.answer


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Mailbox, SmtpSettings]]:
    mailbox, loop = Mailbox(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield mailbox, SmtpSettings(host="127.0.0.1", port=port, tls="none", sender="pbx@example.com")
    server.close()
    await server.wait_closed()
