"""The receiver inside the server, so that a first webhook can be seen without writing one."""

import errno
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.instants import iso

KEPT: Final = 200
HIDDEN: Final = frozenset({"x-pbx-token", "webhook-signature"})

log = structlog.get_logger(__name__)


class BuiltInReceiver:
    """Listens on a loopback port that stays the same; keeps the newest requests in memory."""

    def __init__(self, port_file: Path, endpoints: Callable[[], Sequence[Endpoint]]) -> None:
        self._file = port_file
        self._endpoints = endpoints
        self._listener: Listener | None = None
        self._kept: deque[Mapping[str, Any]] = deque(maxlen=KEPT)
        self._count = 0
        self.on_request: Callable[[Mapping[str, Any]], None] = lambda _request: None

    @property
    def port(self) -> int:
        return self._listener.port if self._listener else 0

    async def start(self) -> None:
        kept = self._kept_port()
        try:
            self._listener = await self._listening(kept)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or not kept:
                raise
            self._listener = await self._listening(0)
            log.warning("receiver.port_taken", port=kept, instead=self.port)
        if self.port != kept:
            self._file.write_text(f"{self.port}\n")

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.close()

    def requests(self) -> Sequence[Mapping[str, Any]]:
        """The newest first."""
        return list(reversed(self._kept))

    async def _listening(self, port: int) -> Listener:
        listener = Listener(self._receive, port=port)
        await listener.start()
        return listener

    def _kept_port(self) -> int:
        try:
            return int(self._file.read_text())
        except (OSError, ValueError):
            return 0

    def _receive(self, received: Received) -> None:
        self._count += 1
        endpoint = self._endpoint_of(received)
        request = {
            "id": self._count,
            "at": iso(round(received.at * 1000)),
            "headers": {k: v for k, v in received.headers.items() if k not in self._hidden()},
            "body": received.document if received.is_json else None,
            "endpoint": endpoint.name if endpoint else None,
            "checks": _checks(endpoint, received),
        }
        self._kept.append(request)
        self.on_request(request)

    def _hidden(self) -> frozenset[str]:
        """Headers an administrator set may be secrets, as tokens are."""
        return HIDDEN | {name.lower() for each in self._endpoints() for name, _ in each.headers}

    def _endpoint_of(self, received: Received) -> Endpoint | None:
        """Of those whose URL leads here, the one whose token came."""
        token = received.headers.get("x-pbx-token", "")
        for endpoint in self._endpoints():
            if urlsplit(endpoint.url).port == self.port and endpoint.token.reveal() == token:
                return endpoint
        return None


def _checks(endpoint: Endpoint | None, received: Received) -> Mapping[str, str]:
    """What holds ("") and what does not, as a receiver of one's own would find it."""
    if endpoint is None:
        return {"token": "no live endpoint that leads here has this token"}
    secret = endpoint.signing_secrets[0].reveal()
    checks = Checks(token=endpoint.token.reveal(), signing_secret=secret)
    return checks.run(received.headers, received.body)
