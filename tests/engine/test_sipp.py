"""Calls with another SIP implementation on either end: our phone is not the only witness."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from support.receiver import Request
from support.serving import PASSWORD, SIPP_HOST, Serving, device, serving
from support.site import endpoint

from hookswitch.asterisk.engine import tool_argv
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import TOOLS, tool_prefix
from hookswitch.phone.behaviour import answer_after

SCENARIOS = Path(__file__).parent / "sipp"
NUMBERS = {"1001": "61300000001", "1002": "61300000002"}
TCP_HOST = "127.0.0.5"
CALLEE_HOST = "127.0.0.4"
"""Not the trunk's address: what comes from there is the trunk."""
ANSWERED = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]


@pytest.fixture(scope="module")
async def sipp() -> Sequence[str]:
    prefix = tool_prefix("sipp")
    await install(TOOLS["sipp"], prefix)
    return tool_argv(prefix, "usr/bin/sipp")


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("sipp")) as up:
        crm = endpoint("crm", "/crm")
        flows = [
            {
                "name": f"To {user}",
                "objects": [
                    {
                        "id": f"n{user}",
                        "kind": "number",
                        "name": number,
                        "numbers": [number],
                        "outputs": {"next": f"u{user}"},
                    },
                    {"id": f"u{user}", "kind": "user", "name": user, "user": user},
                ],
            }
            for user, number in NUMBERS.items()
        ]
        webhook = {
            "name": "crm",
            "url": up.receiver.url(crm.path),
            "secret_token": crm.token,
            "signing_secret": crm.signing_secret,
            "triggers": ANSWERED,
        }
        users = [
            {"name": "Alice", "extension": "1001", "devices": [device("alice")]},
            {"name": "Sipp", "extension": "1002", "devices": [device("sipp")]},
        ]
        document = json.loads(up.document(users=users, flows=flows, webhooks=[webhook]))
        tcp = {"name": "tcp", "host": TCP_HOST, "port": 5060, "transport": "tcp", "watch": False}
        document["trunks"].append(tcp)
        document["routes"] = [{"name": "tcp", "patterns": ["04XXXXXXXX"], "trunks": ["tcp"]}]
        await up.apply(json.dumps(document))
        yield up


def local(host: str) -> Sequence[str]:
    """The options for a free port of `host`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return ("-i", host, "-p", str(sock.getsockname()[1]))


async def run(argv: Sequence[str], cwd: Path, at: Serving, *options: str) -> None:
    """Run sipp for one call; its exit code tells whether every message was as its scenario says."""
    host, port = at.sip
    command = (*argv, f"{host}:{port}", *options, "-m", "1", "-nostdin", "-timeout", "20s")
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env={"TERM": "dumb", "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode(errors="replace")[-3000:]


async def webhooks_of(at: Serving, number: str) -> list[Request]:
    """The three webhooks of an answered call to `number`, in order."""

    def came() -> list[Request]:
        return [r for r in at.receiver.requests if r.event["dest_number"] == number]

    assert await at.receiver.until(lambda: len(came()) >= len(ANSWERED))
    assert [request.event["type"] for request in came()] == ANSWERED
    assert [request.sequence for request in came()] == [1, 2, 3]
    return came()


async def test_sipp_calls_our_phone(sipp: Sequence[str], at: Serving, tmp_path: Path) -> None:
    number = NUMBERS["1001"]
    async with at.phone("alice") as alice:
        alice.on_call = answer_after(1)
        await alice.register()
        options = ("-sn", "uac", "-s", number, "-d", "2000", *local(SIPP_HOST))
        await run(sipp, tmp_path, at, *options)
    last = (await webhooks_of(at, number))[-1].event
    assert last["caller_id"] == last["caller_name"] == "sipp"
    assert last["user_name"] == "Alice"
    assert last["connected_at"]
    assert abs(last["call_duration"] - 3) <= 1
    assert abs(last["conversation_duration"] - 2) <= 1


async def test_our_phone_calls_sipp(sipp: Sequence[str], at: Serving, tmp_path: Path) -> None:
    number = NUMBERS["1002"]
    account = (*local(CALLEE_HOST), "-s", "sipp")
    (tmp_path / "fields.csv").write_text(f"SEQUENTIAL\n{PASSWORD}\n")
    register = ("-sf", str(SCENARIOS / "register.xml"), "-inf", "fields.csv", *account)
    await run(sipp, tmp_path, at, *register)
    answer = ("-sf", str(SCENARIOS / "answer.xml"), "-aa", *account)
    callee = asyncio.create_task(run(sipp, tmp_path, at, *answer))
    call = await at.carrier.call(number, name="Jane", caller="61400000001")
    await call.answered()
    await asyncio.sleep(2)
    await call.hang_up()
    await callee
    last = (await webhooks_of(at, number))[-1].event
    assert last["caller_id"] == "61400000001"
    assert last["user_name"] == "Sipp"
    assert abs(last["call_duration"] - 3) <= 1
    assert abs(last["conversation_duration"] - 2) <= 1


async def test_sipp_is_a_trunk_over_tcp(sipp: Sequence[str], at: Serving, tmp_path: Path) -> None:
    place = ("-i", TCP_HOST, "-p", "5060", "-t", "t1")
    answer = ("-sf", str(SCENARIOS / "answer.xml"), "-aa", *place)
    callee = asyncio.create_task(run(sipp, tmp_path, at, *answer))
    await listening(TCP_HOST, 5060)
    async with at.phone("alice") as alice:
        call = await alice.call("0400000002")
        await call.answered()
        await call.hang_up()
    await callee


async def listening(host: str, port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return
