"""The HTTP server: bound early, so that a taken port is told before anything starts."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

GRACE_S = 5
HEAD_S = 10.0
"""So long a client may take to say what it asks for."""
LARGEST_FRAME = 1 << 16
"""Bytes of a WebSocket message: SIP has no larger ones."""


class PortError(Exception):
    """The address cannot be served on; the text names the setting."""


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's business, not the library's."""
        yield


class _Impatient(HttpToolsProtocol):
    """Closes a connection that says no request in time: each one holds an open file."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP
        super().connection_made(transport)
        self._look_later(None)

    def _look_later(self, waits_after: object) -> None:
        self.loop.call_later(HEAD_S, self._look, waits_after)

    def _look(self, waits_after: object) -> None:
        """Whether it still waits for the request after the one it waited after before."""
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return
        cycle: RequestResponseCycle | None = self.cycle
        waits = cycle is None or cycle.response_complete
        if waits and cycle is waits_after:
            self.transport.close()
        else:
            self._look_later(cycle if waits else self)


class WebServer:
    """Serves one application on one address; `setting` is what its port comes from."""

    def __init__(self, host: str, port: int, setting: str = "port") -> None:
        self.host, self.port = host, port
        self._setting = setting
        self.app: ASGIApp | None = None
        self._socket: socket.socket | None = None
        self._server: _Uvicorn | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def bind(self) -> None:
        """Take the address; port 0 becomes a free one."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # named as TCP, or asyncio leaves Nagle on: each answer would wait 40 ms for an ACK
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((self.host, self.port))
            sock.listen(128)
        except OSError as error:
            sock.close()
            if error.errno == errno.EADDRNOTAVAIL:
                host = self._setting.replace("port", "host")
                raise PortError(
                    f"setting {host} (--{host.replace('_', '-')}, HOOKSWITCH_{host.upper()}):"
                    f" this machine has no address {self.host}: name one that it has"
                ) from error
            names = f"--{self._setting.replace('_', '-')}, HOOKSWITCH_{self._setting.upper()}"
            raise PortError(
                f"setting {self._setting} ({names}): {self.host}:{self.port} cannot be used"
                f" ({error.strerror}): stop what uses it, or choose another port"
            ) from error
        self._socket = sock
        self.port = sock.getsockname()[1]

    async def start(self) -> None:
        if self.app is None or self._socket is None:
            raise RuntimeError("bind and set an app first")
        config = uvicorn.Config(
            self.app,
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            http=_Impatient,
            ws="websockets-sansio",
            ws_max_size=LARGEST_FRAME,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = _Uvicorn(config)
        self._task = asyncio.create_task(self._server.serve([self._socket]))

    async def close(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
