"""A request and its final answer, a digest challenge answered on the way."""

import asyncio
from collections.abc import Callable

from hookswitch.phone.address import Address
from hookswitch.phone.digest import Credentials
from hookswitch.phone.endpoint import Endpoint
from hookswitch.phone.message import Request, Response

MOST_TRIES = 3


async def exchange(
    endpoint: Endpoint,
    credentials: Credentials,
    request: Request,
    address: Address,
    on_final: Callable[[Request, Response], object] | None = None,
) -> tuple[Request, Response]:
    """Give the request that was answered last and its answer; 408 without headers means none.

    `on_final` sees every final answer as it comes, repeated 2xx of an INVITE too.
    """
    for _ in range(MOST_TRIES):
        response = await _once(endpoint, request, address, on_final)
        again = credentials.retry(request, response, endpoint.via())
        if again is None:
            break
        request = again
    return request, response


async def _once(
    endpoint: Endpoint,
    request: Request,
    address: Address,
    on_final: Callable[[Request, Response], object] | None,
) -> Response:
    answered: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    def take(response: Response) -> None:
        if response.status < 200:
            return
        if on_final:
            on_final(request, response)
        if not answered.done():
            answered.set_result(response)

    endpoint.request(request, address, take)
    return await answered
