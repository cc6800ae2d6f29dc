"""Starts after a kill in the middle of Apply, and without the key of the secrets."""

import asyncio
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.revised import NUMBER, SIGNING, TEXT, Office
from support.serving import CARRIER_HOST, serving

from hookswitch.app.cli import main
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.asterisk import process
from hookswitch.phone import NOTHING, Phone
from hookswitch.vault.errors import KeyMissingError

CHILD = Path(__file__).parent / "support" / "dying_apply.py"


async def test_without_the_key_nothing_starts(data: Path) -> None:
    async with serving(data) as at:
        await Office(at).submit(Office(at).text())
    key = data / "secrets.key"
    key.rename(data / "backup")
    words = ("serve", "--data-dir", data, "--port", "0", "--sip-port", "0")
    serve = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("hookswitch"), *words, stderr=asyncio.subprocess.PIPE
    )
    _, said = await serve.communicate()
    assert serve.returncode == 1
    assert "restore the key file from the backup" in said.decode().splitlines()[-1]
    with pytest.raises(KeyMissingError):
        async with running(Settings(data_dir=data, port=0, sip_port=0), say=str):
            pass
    listed = await asyncio.to_thread(CliRunner().invoke, main, ["history", "--data-dir", str(data)])
    assert listed.exit_code == 1
    assert not key.exists()
    (data / "backup").rename(key)
    async with serving(data) as at:
        assert at.server.live.revision == 1


@pytest.mark.parametrize("point", ["staged", "entry", "live"])
async def test_killed_in_the_middle_the_next_start_has_the_live_revision(
    data: Path, point: str
) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, CHILD, data, point),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with Phone("carrier", CARRIER_HOST, sound=NOTHING) as carrier:
        port = carrier.address[1]
        others = {"number": NUMBER, "host": CARRIER_HOST, "port": port, "path": "a", "more": ""}
        values = others | {"token": "secret_token: t", "signing": SIGNING, "header": "h"}
        values["pin"] = ', pin: "9999"'
        first = TEXT.format(ring_time=20, password="password: first-one", **values)
        second = TEXT.format(ring_time=5, password="password: second-one", **values)
        await child.communicate(f"{first}\0{second}".encode())
        assert child.returncode == -9
        assert [found for found, _ in process.having_argument(f"{data}/")], "the engine lives on"
        async with serving(data) as at:
            server = at.server
            assert server.supervisor.adopted
            assert server.live.revision == 1
            assert server.live.document.users[0].ring_time == 20
            plan = (server.supervisor.layout.etc / "pjsip_auth_plan.conf").read_text()
            assert "first-one" in plan
            assert "second-one" not in plan
            shown = await server.supervisor.ami.command("dialplan show hs-from-trunk")
            assert "hs-r1-main" in shown
            assert "hs-r2-main" not in shown
            (row, _) = await server.store.revisions()
            assert (row.number, row.state) == (2, "failed")
            assert row.reason == "hookswitch ended while it was applied"
            assert (await server.submit(Submission(by="ann", text=second))).revision == 3
