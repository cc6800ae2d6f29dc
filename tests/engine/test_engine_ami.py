"""The manager client: on the real engine, and on a peer that misbehaves in ways it never does."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog.testing

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import (
    AmiDisconnectedError,
    AmiError,
    AmiRefusedError,
    AmiTimeoutError,
)
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.model.secret import Secret

Reply = Callable[[str, dict[str, str]], Awaitable[bytes]]


@contextlib.asynccontextmanager
async def peer(reply: Reply) -> AsyncIterator[Ami]:
    """A client connected to a manager whose answers `reply` makes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/9.0.0\r\n")
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                fields = dict(line.split(": ", 1) for line in lines if line)
                name, action = fields["Action"], fields["ActionID"]
                if name == "Login":
                    writer.write(f"Response: Success\r\nActionID: {action}\r\n\r\n".encode())
                else:
                    writer.write(await reply(action, fields))
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = Ami("127.0.0.1", server.sockets[0].getsockname()[1], "u", Secret("s3cret"))
        client.start()
        try:
            await client.wait_connected()
            yield client
        finally:
            await client.close()


async def test_action_command_and_list(shared: Supervisor) -> None:
    ami = shared.ami
    assert (await ami.action("Ping")).get("Ping") == "Pong"
    assert "[ Context 'hs-loop' created by 'pbx_config' ]" in await ami.command("dialplan show")
    assert await ami.list_action("CoreShowChannels") == []


async def test_many_at_once_each_get_their_own_answer(shared: Supervisor) -> None:
    lines = [f"dialplan show {name}" for name in ("hs-dev", "hs-legend", "hs-loop")] * 30
    answers = await asyncio.gather(*(shared.ami.command(line) for line in lines))
    for line, answer in zip(lines, answers, strict=True):
        assert f"'{line.split()[-1]}'" in answer


async def test_a_refusal_is_raised(shared: Supervisor) -> None:
    with pytest.raises(AmiRefusedError, match="No such channel"):
        await shared.ami.action("Hangup", Channel="PJSIP/nobody-00000000")
    with pytest.raises(AmiRefusedError):
        await shared.ami.action("NoSuchAction")


@pytest.mark.parametrize("value", ["a\r\nAction: Command", "a\nb", "a\rb", "a\0b"])
async def test_no_line_of_its_own_for_a_value(shared: Supervisor, value: str) -> None:
    with pytest.raises(AmiError, match="line end"):
        await shared.ami.action("Setvar", Variable="X", Value=value)
    assert (await shared.ami.action("Ping")).ok


async def test_reloads(shared: Supervisor) -> None:
    await shared.ami.dialplan_reload()
    await shared.ami.reload("app_queue.so")
    with pytest.raises(AmiRefusedError):
        await shared.ami.reload("no_such_module.so")


async def test_events_are_given_from_the_moment_of_asking(shared: Supervisor) -> None:
    async with shared.ami.events("OriginateResponse") as events:
        await shared.ami.action(
            "Originate", Channel="Local/s@hs-canary/n", Application="Wait", Async="true"
        )
        async with asyncio.timeout(60):
            event = await anext(events)
    assert event.event == "OriginateResponse"
    assert event.get("SystemName") == shared.systemname


def freeze(pid: int) -> None:
    """Stop every thread of a child of ours; on return they stand."""
    os.kill(pid, signal.SIGSTOP)
    os.waitpid(pid, os.WUNTRACED)


async def test_an_engine_that_dies_under_an_action_and_comes_back(supervisor: Supervisor) -> None:
    assert supervisor.process is not None
    freeze(supervisor.process.pid)
    waiting = asyncio.create_task(supervisor.ami.action("Ping", 20.0))
    await asyncio.sleep(0.05)
    os.kill(supervisor.process.pid, signal.SIGKILL)
    with pytest.raises(AmiDisconnectedError):
        await waiting
    assert not supervisor.ami.connected
    with pytest.raises(AmiDisconnectedError):
        await supervisor.ami.action("Ping")
    await supervisor.ami.wait_connected()
    assert (await supervisor.ami.action("Ping")).ok


async def test_a_wrong_secret_never_connects_and_is_never_shown(shared: Supervisor) -> None:
    ami = Ami("127.0.0.1", shared.ports.ami, "hookswitch", Secret("wr0ng"))
    with structlog.testing.capture_logs() as logs:
        ami.start()
        with pytest.raises(AmiTimeoutError):
            await ami.wait_connected(1.5)  # the engine takes a second to refuse
        await ami.close()
    assert any("Authentication failed" in str(entry) for entry in logs)
    assert "wr0ng" not in str(logs)
    assert "wr0ng" not in repr(ami)


async def test_no_answer_in_time() -> None:
    async def silent(_: str, __: dict[str, str]) -> bytes:
        return b""

    async with peer(silent) as ami:
        with pytest.raises(AmiTimeoutError, match="did not answer Ping"):
            await ami.action("Ping", 0.1)
        assert ami._pending == {}


async def test_bytes_that_are_no_utf8_and_a_line_that_is_no_header() -> None:
    async def odd(action: str, _: dict[str, str]) -> bytes:
        return f"Response: Success\r\nActionID: {action}\r\nName: ".encode() + b"\xff\r\nhm\r\n\r\n"

    async with peer(odd) as ami:
        assert (await ami.action("Ping")).headers[2:] == (("Name", "�"), ("hm", ""))


async def test_a_list_without_its_end_is_no_list() -> None:
    async def cut(action: str, _: dict[str, str]) -> bytes:
        head = f"Response: Success\r\nActionID: {action}\r\nEventList: start\r\n\r\n"
        return (head + f"Event: CoreShowChannel\r\nActionID: {action}\r\n\r\n").encode()

    async with peer(cut) as ami:
        with pytest.raises(AmiTimeoutError):
            await ami.list_action("CoreShowChannels", 0.1)


async def test_an_answer_to_nobody_is_dropped() -> None:
    async def twice(action: str, _: dict[str, str]) -> bytes:
        forged = b"Response: Error\r\nActionID: 1\r\n\r\n"
        return forged + f"Response: Success\r\nActionID: {action}\r\n\r\n".encode() * 2

    async with peer(twice) as ami:
        assert (await ami.action("Ping")).ok
        assert (await ami.action("Ping")).ok
