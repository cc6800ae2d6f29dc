"""Warnings of `hookswitch check`: webhooks that would never arrive."""

from pathlib import Path

import pytest

from hookswitch.config.check import parse_text, warnings
from kit.command import run_here

SECRETS = "secret_token: t, signing_secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
DOCUMENT = f"""
hookswitch: 1
users:
  - {{name: Alice, extension: "1001"}}
trunks:
  - {{name: provider, host: 192.0.2.1}}
flows:
  - name: Flow
    objects:
      - {{id: main, kind: number, name: Main, numbers: ["61300000000"], outputs: {{next: told}}}}
      - {{id: told, kind: webhook, name: Told, url: "http://10.0.0.5/x", {SECRETS}}}
webhooks:
  - {{name: crm, url: "URL", {SECRETS}, triggers: [TRIGGERS]}}
allowed_networks:
  - {{network: 10.0.0.0/24, ports: [80]}}
"""


def warned(url: str, triggers: str = "user_inbound") -> list[str]:
    text = DOCUMENT.replace("URL", url).replace("TRIGGERS", triggers)
    return [str(one) for one in warnings(parse_text(text))]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/", "https://localhost/", "http://10.0.0.5:81/", "http://[::1]/"]
)
def test_a_private_address_that_is_not_open(url: str) -> None:
    (warning,) = warned(url)
    assert warning.startswith("webhooks[1] (crm): url: ")
    assert "is a private address, and not open for webhooks: add {network: " in warning


@pytest.mark.parametrize(
    "url", ["http://10.0.0.5/x", "https://crm.example.com/", "https://9.9.9.9:8443/"]
)
def test_one_that_is_open_or_may_be_public(url: str) -> None:
    assert warned(url) == []


def test_an_endpoint_that_is_sent_nothing() -> None:
    (warning,) = warned("https://crm.example.com/", triggers="")
    assert "triggers: none is ticked, so nothing is sent" in warning


def test_the_command_warns_and_takes_it(tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(DOCUMENT.replace("URL", "http://127.0.0.1:9/").replace("TRIGGERS", ""))
    done = run_here("check", file, "--data-dir", tmp_path)
    assert done.code == 0
    assert done.err.count("warning: ") == 2


def test_a_made_up_password_is_not_missing_because_an_extension_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(
        "hookswitch: 1\nusers: [{name: A, extension: 1001, devices: [{username: a}]}]\n"
    )
    done = run_here("check", file, "--data-dir", tmp_path)
    assert "extension: YAML reads it as a number" in done.err
    assert "password: " not in done.err
