"""docs/errors.md: what is wrong with a document."""

from pathlib import Path

import pytest
from errors_page import as_the_page_says

from kit.command import run, run_here

USERS = """
hookswitch: 1
users:
  - {name: Alice, extension: "1001"}
"""
FLOW = """
flows:
  - name: Flow
    objects:
      - {id: main, kind: number, name: Main, numbers: ["61300000000"], outputs: {next: alice}}
      - {id: alice, kind: user, name: Alice, user: "USER"}
"""
TRUNK = """
trunks:
  - {name: carrier, host: 192.0.2.1}
"""
WEBHOOK = """
webhooks:
  - name: crm
    url: URL
    secret_token: token
    signing_secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
    triggers: [user_inbound]
    headers: {HEADER: value}
"""


def checked(row: str, place: Path, text: str) -> None:
    file = place / "office.yaml"
    file.write_text(text)
    as_the_page_says(row, run_here("check", file))


def webhook(url: str, header: str) -> str:
    return USERS + WEBHOOK.replace("URL", url).replace("HEADER", header)


def test_unknown_user__(tmp_path: Path) -> None:
    checked("unknown-user", tmp_path, USERS + TRUNK + FLOW.replace("USER", "1009"))


def test_duplicate_extension__(tmp_path: Path) -> None:
    again = '  - {name: Bob, extension: "1001"}\n'
    checked("duplicate-extension", tmp_path, USERS + again)


def test_missing_trunk__(tmp_path: Path) -> None:
    checked("missing-trunk", tmp_path, USERS + FLOW.replace("USER", "1001"))


def test_bad_url__(tmp_path: Path) -> None:
    checked("bad-url", tmp_path, webhook("ftp://crm.example.com", "X-Team"))


def test_bad_header__(tmp_path: Path) -> None:
    checked("bad-header", tmp_path, webhook("https://crm.example.com/x", '"X Team"'))


async def test_unknown_host__(tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(USERS + TRUNK.replace("192.0.2.1", "nowhere.invalid"))
    applied = await run("apply", file, "--data-dir", tmp_path / "data")
    as_the_page_says("unknown-host", applied)


@pytest.mark.parametrize("text", [USERS, webhook("https://crm.example.com/x", "X-Team")])
def test_the_same_without_the_mistake_is_fine(tmp_path: Path, text: str) -> None:
    (tmp_path / "office.yaml").write_text(text)
    assert run_here("check", tmp_path / "office.yaml").code == 0
