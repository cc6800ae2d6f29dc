"""Answers that never end, are too much, or are none; played by real servers on loopback."""

import asyncio
import gzip
import tracemalloc

import pytest
from receiver_rig import OK, Server, answer_of, answers, hangs, repeats, send, transport_for

from hookswitch.delivery.transport import MAX_ANSWER

# Answers that never end


async def test_a_receiver_that_hangs() -> None:
    answer = await answer_of(hangs)
    assert (answer.status, answer.error) == (None, "timeout")


async def test_a_status_line_that_drips() -> None:
    assert (await answer_of(repeats(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", 0.05))).error == "timeout"


async def test_a_body_that_drips_is_a_timeout_though_its_status_is_known() -> None:
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    answer = await answer_of(repeats(first, b"a", 0.05))
    assert (answer.status, answer.error) == (200, "timeout")
    assert answer.body.startswith(b"aaa")


async def test_endless_headers() -> None:
    answer = await answer_of(repeats(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), deadline_s=5)
    assert answer.error in {"protocol", "timeout"}


async def test_a_header_line_without_end() -> None:
    answer = await answer_of(repeats(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 4096), deadline_s=5)
    assert answer.error == "protocol"


async def test_a_flood_of_provisional_answers() -> None:
    hundred = b"HTTP/1.1 100 Continue\r\n\r\n"
    answer = await answer_of(repeats(b"", hundred * 50))
    assert answer.error in {"protocol", "timeout"}


async def test_chunks_of_one_byte_that_never_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await answer_of(repeats(head, b"1\r\na\r\n", 0.02))
    assert (answer.status, answer.error) == (200, "timeout")


async def test_a_hundred_and_one_headers() -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 101 + b"Content-Length: 0\r\n\r\n"
    assert (await answer_of(answers(head), deadline_s=5)).error == "protocol"


async def test_trailers_without_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    answer = await answer_of(repeats(head, b"X-A: b\r\n"), deadline_s=5)
    assert (answer.status, answer.error) == (200, "protocol")


# Answers that are too much


async def test_a_huge_answer_is_cut_and_its_connection_closed() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    async with (
        Server(repeats(huge, b"a" * 65536)) as server,
        transport_for(server.port) as transport,
    ):
        first = await send(transport, server.url, deadline_s=10)
        second = await send(transport, server.url, deadline_s=10)
    assert (first.status, first.error, len(first.body)) == (200, None, MAX_ANSWER)
    assert second.status == 200
    assert server.connections == 2


async def test_an_endless_chunked_answer_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    answer = await answer_of(repeats(head, chunk), deadline_s=10)
    assert (answer.status, answer.error, len(answer.body)) == (200, None, MAX_ANSWER)


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    answer = await answer_of(answers(head.encode() + bomb), deadline_s=10)
    assert (answer.status, answer.error) == (200, None)
    assert answer.body == bomb[:MAX_ANSWER]


async def test_ten_gigabytes_take_no_memory() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    async with (
        Server(repeats(huge, b"a" * 65536)) as server,
        transport_for(server.port) as transport,
    ):
        await send(transport, server.url, deadline_s=10)
        tracemalloc.start()
        try:
            for _ in range(5):
                answer = await send(transport, server.url, deadline_s=10)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (answer.status, len(answer.body)) == (200, MAX_ANSWER)
    assert peak < 5_000_000


# Answers that are none


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX A: b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"220 mail.example ESMTP\r\n",
    ],
)
async def test_garbage_instead_of_http(garbage: bytes) -> None:
    answer = await answer_of(answers(garbage, close=True), deadline_s=5)
    assert answer.error == "protocol"


async def test_an_answer_that_breaks_off() -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    answer = await answer_of(answers(short, close=True), deadline_s=5)
    assert (answer.status, answer.error, answer.body) == (200, "protocol", b"abc")


async def test_a_wrong_chunk() -> None:
    wrong = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"
    answer = await answer_of(answers(wrong, close=True), deadline_s=5)
    assert answer.error == "protocol"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with Server(answers(OK)) as target:
        location = f"HTTP/1.1 {status} Moved\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n"
        async with (
            Server(answers(location.encode())) as server,
            transport_for(server.port, target.port) as transport,
        ):
            answer = await send(transport, server.url)
    assert (answer.status, answer.error) == (status, None)
    assert target.connections == 0


async def test_two_answers_to_one_request_are_one_and_end_the_connection() -> None:
    async with Server(answers(OK + OK)) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        second = await send(transport, server.url, 10)
    assert (first.status, second.status) == (200, 200)
    assert server.connections == 2


async def test_an_answer_that_ends_with_its_connection() -> None:
    old = b"HTTP/1.0 200 OK\r\n\r\nall there is"
    answer = await answer_of(answers(old, close=True), deadline_s=5)
    assert (answer.status, answer.error, answer.body) == (200, None, b"all there is")


async def test_both_length_and_chunks_are_refused() -> None:
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert (await answer_of(answers(both, close=True), deadline_s=5)).error == "protocol"


async def test_no_content_with_content_ends_the_connection() -> None:
    odd = b"HTTP/1.1 204 No Content\r\n\r\n<p>but here it is</p>"
    async with Server(answers(odd)) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        second = await send(transport, server.url, 10)
    assert (first.status, first.error, second.status) == (204, None, 204)
    assert server.connections == 2


async def test_provisional_answers_before_the_real_one() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
    answer = await answer_of(answers(hints * 3 + OK), deadline_s=5)
    assert (answer.status, answer.error, answer.headers) == (200, None, {})


async def test_redirects_to_itself_are_one_request() -> None:
    async def again(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 308 Again\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n")

    async with Server(again) as server, transport_for(server.port) as transport:
        answer = await send(transport, server.url, 10)
    assert (answer.status, len(server.requests)) == (308, 1)
