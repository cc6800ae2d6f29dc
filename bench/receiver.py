"""A receiver in a process of its own: answers 200 at once and remembers what came, by id.

`python receiver.py` prints its port and runs until its standard input ends; then it writes what it
got as JSON lines `{"at": epoch seconds, "id": webhook-id, "body": ...}` to `--dump`, and last its
counts as one line on standard output.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from pathlib import Path

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
IDENTIFIER = re.compile(rb"\r\nwebhook-id:\s*(\S+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


class Got:
    """What came, each with the instant its first byte was read."""

    def __init__(self, *, bodies: bool) -> None:
        self.bodies = bodies
        self.received = 0
        self.ids: set[bytes] = set()
        self.kept: list[tuple[float, bytes, bytes]] = []

    def add(self, at: float, head: bytes, body: bytes) -> None:
        found = IDENTIFIER.search(head)
        self.received += 1
        if found is not None:
            self.ids.add(found[1])
            if self.bodies:
                self.kept.append((at, found[1], body))

    def counts(self) -> dict[str, int]:
        return {"received": self.received, "duplicates": self.received - len(self.ids)}

    def dump(self, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            for at, identifier, body in self.kept:
                line = {"at": at, "id": identifier.decode(), "body": json.loads(body)}
                file.write(json.dumps(line) + "\n")


class Connection(asyncio.Protocol):
    def __init__(self, got: Got) -> None:
        self.got = got
        self.buffer = bytearray()
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self.buffer:
            self.began = time.time()
        self.buffer += data
        while self._take():
            self.began = time.time()

    def _take(self) -> bool:
        end = self.buffer.find(HEAD_END)
        if end < 0:
            return False
        head = bytes(self.buffer[: end + 2])
        length = LENGTH.search(head)
        total = end + len(HEAD_END) + (int(length[1]) if length else 0)
        if len(self.buffer) < total:
            return False
        self.got.add(self.began, head, bytes(self.buffer[end + len(HEAD_END) : total]))
        del self.buffer[:total]
        self.transport.write(ANSWER)
        return bool(self.buffer)


async def run(dump: Path | None) -> None:
    got = Got(bodies=dump is not None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(got), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()
    if dump is not None:
        got.dump(dump)
    print(json.dumps(got.counts()), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", type=Path)
    asyncio.run(run(parser.parse_args().dump))
