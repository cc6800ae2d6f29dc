"""A trunk whose host no name service knows: Apply and a start go on without it, and it comes.

Doubles: none. `hookswitch serve` has a hosts file of its own, in a mount namespace, and a name
service that is not there.
"""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from hookswitch.phone import NOTHING, CallFailed, Phone
from hookswitch.phone.behaviour import answer_after
from kit.command import Served, run, serve

HOST, PLACE = "gateway.provider.example", "127.0.0.31"
NUMBER, CALLER, PASSWORD = "61300000000", "61400000001", "password-of-alice"
NAMESPACES = ("unshare", "--user", "--map-root-user", "--mount")
SET_UP = (
    'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"'
)
ALONE = "127.0.0.1 localhost\n"
COMES_WITHIN_S = 60.0
TOO_MANY = 22
"""Calls of a stranger for which he is banned."""
DOCUMENT = {
    "hookswitch": 1,
    "users": [
        {
            "name": "Alice",
            "extension": "1001",
            "devices": [{"username": "alice", "password": PASSWORD}],
        }
    ],
    "trunks": [{"name": "carrier", "host": HOST}],
    "flows": [
        {
            "name": "Main",
            "objects": [
                {
                    "id": "in",
                    "kind": "number",
                    "name": "In",
                    "numbers": [NUMBER],
                    "outputs": {"next": "alice"},
                },
                {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
            ],
        }
    ],
}


def can_unshare() -> bool:
    try:
        tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0


# only in a namespace can a test have the system's hosts file to itself
@pytest.mark.skipif(not can_unshare(), reason="this system gives users no namespaces")
async def test_a_trunk_is_away_until_its_name_can_be_looked_up(tmp_path: Path) -> None:
    hosts, resolv, data = tmp_path / "hosts", tmp_path / "resolv.conf", tmp_path / "data"
    hosts.write_text(ALONE)
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    file = tmp_path / "office.yaml"
    file.write_text(json.dumps(DOCUMENT))
    under = (*NAMESPACES, "sh", "-c", SET_UP, "sh", hosts, resolv)
    async with serve(data, under=under) as served:
        applied = await run("apply", file, "--data-dir", data)
        assert applied.code == 0, applied.err
        assert f"warning: trunks carrier: host: {HOST} cannot be looked up" in applied.err
        again = await run("apply", file, "--data-dir", data, "--json")
        (warning,) = json.loads(again.out)["warnings"]
        assert "the trunk is away until it can" in warning
        (state,) = (await served.get("/api/trunks/state"))["items"]
        assert state["reason"] == f"{HOST} cannot be looked up"
        with pytest.raises(CallFailed):
            await call(served)
    async with serve(data, under=under) as served:
        for _ in range(TOO_MANY):
            assert not await is_answered(served)
        await served.until_said("sip.banned")
        hosts.write_text(f"{ALONE}{PLACE} {HOST}\n")
        async with asyncio.timeout(COMES_WITHIN_S):
            while not await is_answered(served):
                await asyncio.sleep(0.5)
        hosts.write_text(ALONE)
        forgotten = await run("apply", file, "--data-dir", data)
        assert "warning: trunks carrier" in forgotten.err
        await call(served)  # what the name stood for is still known


async def is_answered(served: Served) -> bool:
    try:
        await call(served)
    except CallFailed:
        return False
    return True


async def call(served: Served) -> None:
    """An answered call from the trunk to Alice."""
    alice = Phone("alice", server=served.sip, password=PASSWORD, sound=NOTHING)
    alice.on_call = answer_after(0)
    async with alice, Phone(CALLER, PLACE, sound=NOTHING) as carrier:
        await alice.register()
        placed = await carrier.call(f"sip:{NUMBER}@127.0.0.1:{served.sip[1]}", caller=CALLER)
        await placed.answered()
        await placed.hang_up()
