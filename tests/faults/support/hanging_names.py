"""Runs in namespaces of its own: a name server on port 53 that hangs for some names.

Prints one JSON line: what became of requests to names that hang and of those to names that do not.
"""

import asyncio
import json
import socket
import struct
import sys

from aiohttp import web

from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.transport import Answer

HANGING = 100
HEADER = struct.Struct("!HHHHHH")
ANSWER = struct.Struct("!HHHIH4s")
RIGHT, NAME_AT, TYPE_A, CLASS_IN = 0x8180, 0xC00C, 1, 1


class NameServer(asyncio.DatagramProtocol):
    """Answers A with 127.0.0.1, anything else with nothing; below `.hangs.example` not at all."""

    def __init__(self) -> None:
        self.ignored: set[bytes] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.DatagramTransport = transport  # type: ignore[assignment]  # UDP

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = data[HEADER.size :]
        end = question.index(b"\0") + 5
        name = question[: end - 5].lower()
        if name.endswith(b"\x05hangs\x07example"):
            self.ignored.add(name)
            return
        is_a = struct.unpack_from("!H", question, end - 4)[0] == TYPE_A
        answer = ANSWER.pack(NAME_AT, TYPE_A, CLASS_IN, 0, 4, socket.inet_aton("127.0.0.1"))
        head = HEADER.pack(int.from_bytes(data[:2]), RIGHT, 1, int(is_a), 0, 0)
        self._transport.sendto(head + question[:end] + (answer if is_a else b""), addr)


async def accept(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def main() -> None:
    loop = asyncio.get_running_loop()
    _, server = await loop.create_datagram_endpoint(NameServer, ("127.0.0.1", 53))
    app = web.Application()
    app.router.add_post("/", accept)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]))

    async def send(host: str, deadline_s: float) -> Answer:
        return await transport.post(f"http://{host}:{port}/", [], b"{}", deadline_s)

    stuck = [asyncio.create_task(send(f"n{n}.hangs.example", 8)) for n in range(HANGING)]
    while not server.ignored:
        await asyncio.sleep(0.01)
    good = [f"n{n}.good{n}.example" for n in range(10)]
    answers = await asyncio.gather(*(send(host, 8) for host in [*good, "127.0.0.1"]))
    still_stuck = sum(not task.done() for task in stuck)
    told = {
        "good": [answer.status for answer in answers],
        "stuck_meanwhile": still_stuck,
        "stuck": sorted({(await task).error or "" for task in stuck}),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    await transport.close()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
