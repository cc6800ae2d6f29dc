"""A mail server that keeps what it takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.handlers import Message as MessageHandler
from aiosmtpd.smtp import SMTP


class Inbox(MessageHandler):
    """What the mail server took."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.messages.append(message)

    async def message(self, subject: str) -> Any:
        """Wait for the message with this subject."""
        for _ in range(200):
            for message in self.messages:
                if message["Subject"] == subject:
                    return message
            await asyncio.sleep(0.05)
        raise AssertionError(f"no email {subject!r} in {[m['Subject'] for m in self.messages]}")


@asynccontextmanager
async def mail_server() -> AsyncIterator[tuple[Inbox, int]]:
    """An inbox and the port it is reached at."""
    handler = Inbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    yield handler, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
