"""HTTP clients side by side on one receiver: `make bench-clients`; one JSON line."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

import aiohttp
import uvloop
from sink import Receiver

from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport

BODY = b'{"body":"' + b"x" * 1013 + b'"}'
HEADERS = [("Content-Type", "application/json"), ("Accept-Encoding", "identity")]
REQUESTS, SIDE_BY_SIDE = 20_000, 100


async def ours(port: int) -> float:
    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]))

    async def post(number: int) -> None:
        headers = [*HEADERS, ("webhook-id", f"ours{number}")]
        answer = await transport.post(f"http://127.0.0.1:{port}/", headers, BODY, 15)
        assert answer.status == 200, answer

    rate = await measure(post)
    await transport.close()
    return rate


async def with_aiohttp(port: int) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def post(number: int) -> None:
            headers = [*HEADERS, ("webhook-id", f"aiohttp{number}")]
            async with session.post(
                f"http://127.0.0.1:{port}/", headers=headers, data=BODY
            ) as answer:
                await answer.read()

        return await measure(post)


async def measure(post: Callable[[int], Awaitable[None]]) -> float:
    numbers = iter(range(REQUESTS))

    async def work() -> None:
        for number in numbers:
            await post(number)

    began = time.monotonic()
    await asyncio.gather(*(work() for _ in range(SIDE_BY_SIDE)))
    return REQUESTS / (time.monotonic() - began)


def main() -> None:
    with Receiver() as receiver:
        rates = {
            f"{client.__name__}_{loop}_per_s": round(run(client(receiver.port)))
            for loop, run in (("asyncio", asyncio.run), ("uvloop", uvloop.run))
            for client in (ours, with_aiohttp)
        }
        print(json.dumps({**rates, "distinct_ids": receiver.count()[0]}))


if __name__ == "__main__":
    main()
