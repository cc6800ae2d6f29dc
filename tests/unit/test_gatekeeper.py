"""How many calls are turned away, by how long messages wait; the program itself is in
tests/engine/test_overload.py."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookswitch.asterisk.gatekeeper import LEAST, Engine, Shedding

MOST = 0.1


class Looks:
    """A look ten times a second."""

    def __init__(self) -> None:
        self.shedding = Shedding(MOST)
        self.now = 100.0

    def see(self, *waits: float) -> int:
        for wait in waits:
            self.now += 0.1
            self.shedding.look(self.now, wait)
        return self.shedding.percent


@pytest.fixture
def looks() -> Looks:
    return Looks()


def test_nothing_is_turned_away_while_nothing_is_late(looks: Looks) -> None:
    assert looks.see(*[0.0, 0.09] * 50) == 0


def test_late_for_a_moment_is_chance(looks: Looks) -> None:
    assert looks.see(*[0.0, 5.0, 5.0] * 20) == 0


def test_what_stands_is_too_much(looks: Looks) -> None:
    assert looks.see(0.2, 0.2, 0.2) == 35


def test_what_was_done_is_given_time_to_show(looks: Looks) -> None:
    assert looks.see(*[0.2, 0.3, 0.4] * 4) == 35


def test_a_wait_that_shrinks_is_left_to(looks: Looks) -> None:
    assert looks.see(*[1.0] * 3) == 50
    assert looks.see(*[0.9 - 0.03 * n for n in range(25)]) == 50


def test_more_are_turned_away_the_longer_it_grows(looks: Looks) -> None:
    found = [looks.see(*[0.2 * n] * 12) for n in range(1, 10)]
    assert found == sorted(found)
    assert found[-1] == 100 - LEAST, "some always come in, or nobody would know that it is over"


def test_a_wait_that_does_not_end_turns_more_away(looks: Looks) -> None:
    assert looks.see(*[0.5] * 40) == 58


def test_all_are_let_in_again(looks: Looks) -> None:
    looks.see(*[0.2] * 5)
    assert 0 < looks.see(*[0.0] * 20) < 35
    assert looks.see(*[0.0] * 30) == 0


def test_a_busy_engine_is_eased_into_more_slowly(looks: Looks) -> None:
    looks.see(*[0.2] * 5)
    assert looks.see(*[0.02] * 20) > 30


HEAD = "Processor                       Processed   In Queue  Max Depth  Low water High water\n"


class Speaking:
    """Stands in for the engine's control socket: how long messages wait is what a test says."""

    def __init__(self, path: Path) -> None:
        self._server = socket.create_server(str(path), family=socket.AF_UNIX)
        self.says: list[str] = []
        self.asked: list[str] = []

    async def answer(self) -> None:
        loop = asyncio.get_running_loop()
        self._server.setblocking(False)
        while self.says:
            connection, _ = await loop.sock_accept(self._server)
            await loop.sock_sendall(connection, b"host/1/22\n")
            self.asked.append((await loop.sock_recv(connection, 1000)).decode())
            await loop.sock_sendall(connection, self.says.pop(0).encode())
            connection.close()

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def speaking(tmp_path: Path) -> Iterator[Speaking]:
    speaking = Speaking(tmp_path / "ctl")
    yield speaking
    speaking.close()


async def test_the_wait_in_a_double_of_the_control_socket(
    speaking: Speaking, tmp_path: Path
) -> None:
    engine = Engine(str(tmp_path / "ctl"))
    row = "pjsip/distributor-0000000{}    {}    {}    9    450    500\n"
    speaking.says = [
        HEAD + row.format(1, 100, 0) + row.format(2, 100, 0) + "\n2 taskprocessors\n",
        HEAD + row.format(1, 150, 30) + row.format(2, 150, 20) + "\n2 taskprocessors\n",
        HEAD + row.format(1, 160, 5) + row.format(2, 160, 5) + "\n2 taskprocessors\n",
        HEAD + row.format(1, 160, 0) + row.format(2, 160, 0) + "\n2 taskprocessors\n",
    ]
    answering = asyncio.create_task(speaking.answer())
    assert await asyncio.to_thread(engine.wait_s) == 0
    assert await asyncio.to_thread(engine.wait_s) > 0, "50 wait, 100 were taken up meanwhile"
    assert await asyncio.to_thread(engine.wait_s) == 0, "ten are nothing"
    assert not engine.is_idle
    assert await asyncio.to_thread(engine.wait_s) == 0
    assert engine.is_idle
    await answering
    assert speaking.asked[0] == "cli quit after core show taskprocessors like pjsip/distributor\0"
