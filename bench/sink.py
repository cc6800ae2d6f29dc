"""A receiver as fast as can be: `asyncio.Protocol` in a process of its own, counting ids.

One that `keeps` also remembers when each request came, and its body.
"""

import asyncio
import multiprocessing
import os
import ssl
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import uvloop

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_FAILED = b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\n\r\n"
_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
_ID = b"webhook-id: "

Request = tuple[float, bytes]
"""Seconds since the epoch at its first byte, and its body."""


class _Counting(asyncio.Protocol):
    """Answers each request once it is whole; `ids` has how often each id came."""

    def __init__(self, ids: dict[bytes, int], requests: list[Request] | None) -> None:
        self._ids = ids
        self._requests = requests
        self._began = 0.0
        self._kept = b""
        self._dripping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP

    def data_received(self, data: bytes) -> None:
        if self._kept:
            data = self._kept + data
        else:
            self._began = time.time()
        done = 0
        while (end := data.find(_END, done)) >= 0:
            head = data[done:end].lower() + b"\r\n"
            whole = end + len(_END) + int(_value(head, _LENGTH))
            if len(data) < whole:
                break
            if not head.startswith(b"post /bad/"):
                name = _value(head, _ID)
                self._ids[name] = self._ids.get(name, 0) + 1
                if self._requests is not None:
                    self._requests.append((self._began, data[end + len(_END) : whole]))
                self._transport.write(_OK)
            elif head.startswith(b"post /bad/500"):
                self._transport.write(_FAILED)
            elif head.startswith(b"post /bad/drip"):
                self._drip()
            done = whole
        self._kept = data[done:]

    def _drip(self) -> None:
        """A byte a second, for ever; /bad/hang has not even that."""
        if not self._transport.is_closing():
            self._transport.write(b"H" if not self._dripping else b"T")
            self._dripping = True
            asyncio.get_running_loop().call_later(1.0, self._drip)


def _value(head: bytes, name: bytes) -> bytes:
    start = head.index(name) + len(name)
    return head[start : head.index(b"\r\n", start)]


class Receiver:
    """Runs while entered; `port` is where, `count` what came."""

    def __init__(self, certificate: Path | None = None, *, keeps: bool = False) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, certificate, keeps), daemon=True
        )
        self.port = 0

    def __enter__(self) -> Self:
        self._process.start()
        self.port = self._ours.recv()
        return self

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def __exit__(self, *_exc: object) -> None:
        self._ours.send("end")
        self._process.join()

    def count(self) -> tuple[int, int]:
        """Distinct ids and all requests since the last call."""
        self._ours.send("count")
        distinct, total = self._ours.recv()
        return distinct, total

    def requests(self) -> list[Request]:
        """All that came, of one that keeps."""
        self._ours.send("requests")
        found: list[Request] = self._ours.recv()
        return found


def _serve(pipe: Connection, certificate: Path | None, keeps: bool) -> None:
    uvloop.run(_answer(pipe, certificate, keeps=keeps))


async def _answer(pipe: Connection, certificate: Path | None, *, keeps: bool) -> None:
    loop = asyncio.get_running_loop()
    ids: dict[bytes, int] = {}
    requests: list[Request] | None = [] if keeps else None
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(
        lambda: _Counting(ids, requests), "127.0.0.1", 0, ssl=context, backlog=4096
    )
    pipe.send(server.sockets[0].getsockname()[1])
    end = asyncio.Event()

    def asked() -> None:
        match pipe.recv():
            case "end":
                end.set()
            case "requests":
                os.set_blocking(pipe.fileno(), True)  # the loop made it not; this is megabytes
                pipe.send(requests)
            case _:
                pipe.send((len(ids), sum(ids.values())))
                ids.clear()

    loop.add_reader(pipe.fileno(), asked)
    await end.wait()
    server.close()
