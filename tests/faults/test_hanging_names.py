"""A name server that hangs: endpoints whose names it should know wait, all others do not.

Doubles: none. The name server is one of ours on port 53 of a network namespace, and the system's
own resolver asks it.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from hookswitch.delivery.resolver import zone_of

SCRIPT = Path(__file__).parent / "support" / "hanging_names.py"
NAMESPACES = ("unshare", "--user", "--map-root-user", "--mount", "--net")
SET_UP = """\
ip link set lo up && ip address add 10.9.9.9/32 dev lo \
&& mount --bind "$1" /etc/resolv.conf && exec "$2" "$3"
"""


def can_unshare() -> bool:
    try:
        return (
            subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode == 0
        )
    except FileNotFoundError:
        return False


# only in a namespace can a test have port 53 and the system's resolver to itself
@pytest.mark.skipif(not can_unshare(), reason="this system gives users no namespaces")
async def test_names_that_hang_starve_no_others(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\noptions timeout:10 attempts:1\n")
    started = await asyncio.create_subprocess_exec(
        *NAMESPACES, "sh", "-c", SET_UP, "sh", resolv, sys.executable, SCRIPT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, _ = await started.communicate()
    told = json.loads(out)
    assert told["good"] == [200] * 11
    assert told["stuck_meanwhile"] == 100, "they still wait for their answer"
    assert told["stuck"] == ["timeout"]


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("hooks.eu.crm.example", "crm.example"),
        ("CRM.Example.", "crm.example"),
        ("a.shop.co.uk", "shop.co.uk"),
        ("b.other.com.au", "other.com.au"),
        ("ibm.com", "ibm.com"),
        ("printer", "printer"),
    ],
)
def test_names_of_one_domain_share_its_name_server(host: str, zone: str) -> None:
    assert zone_of(host) == zone
