"""A system's own Asterisk by `--engine`, and two installations on one machine.

The "system's own" is the embedded Asterisk behind a script, so it is real, and is found by its
path alone as any other would be.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookswitch.app.equipment import find_engine
from hookswitch.app.settings import Settings
from hookswitch.asterisk import process
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import UnsuitableEngineError
from hookswitch.phone import NOTHING, Phone
from hookswitch.phone.behaviour import answer_after
from kit.command import Served, run, serve, system_asterisk

NUMBER = "61300000007"
PASSWORD = "a-password-of-tests"


@pytest.fixture
def root(engine: Engine) -> Path:
    """The tree that the embedded engine was unpacked into."""
    return Path(engine.argv[-1]).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    left = [found for found, _ in process.having_argument(f"{tmp_path}/")]
    for found in left:
        process.kill(found)
    assert not left, f"left behind: {left}"


def old_asterisk(place: Path) -> Path:
    program = place / "asterisk"
    program.write_text("#!/bin/sh\necho Asterisk 20.1.0\n")
    program.chmod(0o755)
    return program


async def call_through(served: Served, carrier_host: str) -> list[str]:
    """Apply one number and one user, place an answered call, and give its events."""
    async with Phone("carrier", carrier_host, server=served.sip, sound=NOTHING) as carrier:
        document = {
            "hookswitch": 1,
            "users": [
                {
                    "name": "Alice",
                    "extension": "1001",
                    "devices": [{"username": "alice", "password": PASSWORD}],
                }
            ],
            "trunks": [{"name": "carrier", "host": carrier_host, "port": carrier.address[1]}],
            "flows": [
                {
                    "name": "Flow",
                    "objects": [
                        {
                            "id": "main",
                            "kind": "number",
                            "name": "Main",
                            "numbers": [NUMBER],
                            "outputs": {"next": "alice"},
                        },
                        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
                    ],
                }
            ],
        }
        file = served.data.parent / f"{served.data.name}.json"
        file.write_text(json.dumps(document))
        applied = await run("apply", file, "--data-dir", served.data)
        assert applied.code == 0, applied.err
        phone = Phone("alice", server=served.sip, password=PASSWORD, sound=NOTHING)
        async with phone as alice:
            alice.on_call = answer_after(0.1)
            await alice.register()
            call = await carrier.call(NUMBER, caller="61400000001")
            await call.answered()
            await call.hang_up()
            return await events(served)


async def events(served: Served) -> list[str]:
    """What the one call there was gave, once it is over."""
    async with asyncio.timeout(60):
        while True:
            calls = (await served.get("/api/calls"))["items"]
            if calls and calls[0]["ended_at"]:
                found = await served.get(f"/api/calls/{calls[0]['id']}/events")
                return [event["type"] for event in found]
            await asyncio.sleep(0.1)


ALL = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]


async def test_three_side_by_side_two_on_a_system_engine(root: Path, data: Path) -> None:
    """Each has its own data directory, ports and engine, and carries calls of its own."""
    asterisk = system_asterisk(data, root)
    options = ("--once", "--engine", asterisk, "--data-dir", data / "demo")
    async with asyncio.TaskGroup() as group:
        demo = group.create_task(run("demo", *options))
        async with serve(data / "a") as one, serve(data / "b", "--engine", asterisk) as other:
            assert one.url != other.url
            assert one.sip != other.sip
            assert await asyncio.gather(
                call_through(one, "127.0.0.2"), call_through(other, "127.0.0.3")
            ) == [ALL, ALL]
            assert len((await one.get("/api/calls"))["items"]) == 1
            engines = [word for _, word in process.having_argument(f"{data}/")]
            assert any(word.startswith(f"{data}/a/engine") for word in engines)
            assert any(word.startswith(f"{data}/b/engine") for word in engines)
    ended = demo.result()
    assert ended.code == 0, ended.err
    assert "Every webhook arrived as it should." in ended.out


async def test_an_older_one_is_refused_by_the_demo_too(tmp_path: Path) -> None:
    """For `serve` it is a row of docs/errors.md."""
    old = old_asterisk(tmp_path)
    ended = await run("demo", "--once", "--engine", old, "--data-dir", tmp_path / "data")
    assert ended.code == 1
    assert ended.err == (
        f"hookswitch: {old} is Asterisk 20.1.0, older than 22.7; run: hookswitch engine install\n"
    )


async def test_one_that_was_built_without_a_module_is_refused(root: Path, tmp_path: Path) -> None:
    asterisk = system_asterisk(tmp_path, root)
    modules = tmp_path / "usr/lib64/asterisk/modules"
    (tmp_path / "usr/lib").unlink()
    modules.mkdir(parents=True)
    for module in (root / "usr/lib/x86_64-linux-gnu/asterisk/modules").glob("*.so"):
        if module.name not in {"app_queue.so", "codec_opus_open_source.so"}:
            (modules / module.name).symlink_to(module)
    with pytest.raises(UnsuitableEngineError, match=r"modules lacks the modules app_queue; run"):
        find_engine(Settings(engine=asterisk))


def test_one_whose_modules_are_elsewhere_is_asked_nothing_more(root: Path, tmp_path: Path) -> None:
    asterisk = system_asterisk(tmp_path, root)
    for part in ("lib", "share"):
        (tmp_path / "usr" / part).unlink()
    found = find_engine(Settings(engine=asterisk))
    assert (found.modules, found.data) == (None, None)
