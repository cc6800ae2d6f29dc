"""Secrets cut out of a text and put in again; everything else stays as it was written."""

import json
import re

import pytest

from hookswitch.config import secrets, text
from hookswitch.config.check import parse_text
from hookswitch.config.yaml import load
from kit.documents import FULL, SIGNING_SECRET, text_of

YAML = f"""\
# The office. password: an-older-one, before that alice-pass-1
hookswitch: 1

users:   # everybody
  - name: Alice
    extension: "1001"
    devices:
      - username: alice
        password: alice-pass-1   # alice-pass-1 since May
      - {{username: mobile, password: 'it''s"pass"'}}
      - username: desk
        password: >-
          folded-pass
  # pin: "9999"

mailboxes:
  - {{box: "1234", name: Alice, pin: "1234"}}

webhooks:
- name: crm
  url: https://crm.example/x
  headers:
    X-Key: "\\x61bc-key"
    # secret_token: "commented-out"
  secret_token: "token # not a comment"
  signing_secret: {SIGNING_SECRET}
"""
VALUES = ("alice-pass-1", 'it\'s"pass"', "it''s", "folded-pass", "abc-key", "token # not",
          SIGNING_SECRET, "an-older-one", "commented-out", "9999")  # fmt: skip


def test_nothing_but_the_secrets_is_changed() -> None:
    masked = text.without_secrets(load(YAML))
    assert not [value for value in VALUES if value in masked]
    assert "# The office." in masked
    assert "# everybody" in masked
    assert "since May" in masked
    assert 'box: "1234"' in masked
    assert list(load(masked).values) == list(load(YAML).values)
    unchanged = [
        line for line in YAML.splitlines() if not re.search("pass|pin|Key|_secret|_token|one", line)
    ]
    assert [line for line in masked.splitlines() if line in unchanged] == unchanged


def test_put_in_again_it_says_the_same() -> None:
    document = parse_text(YAML)
    values = secrets.values_of(document)
    masked = text.without_secrets(load(YAML))
    assert parse_text(masked, values) == document
    whole = text.with_secrets(masked, values)
    assert parse_text(whole) == document
    assert "# everybody" in whole


LEFT_OUT = """\
hookswitch: 1
users:   # everybody
  - name: Alice
    extension: "1001"
    devices:
      # at her desk
      - username: alice   # since May
      - {username: mobile}
      - username: desk
        password:
webhooks:
- name: crm
  headers:
    X-Key:
  url: https://crm.example/x
"""


def test_a_text_that_leaves_secrets_out_can_have_them_put_in() -> None:
    values = {
        "users/1001/devices/alice/password": "alice-pass-1",
        "users/1001/devices/mobile/password": 'it\'s"pass"',
        "users/1001/devices/desk/password": "desk-pass-1",
        "webhooks/crm/headers/X-Key": "abc # key",
        "webhooks/crm/secret_token": "token",
        "webhooks/crm/signing_secret": SIGNING_SECRET,
    }
    whole = text.with_secrets(LEFT_OUT, values)
    assert secrets.values_of(parse_text(whole)) == values
    assert parse_text(whole) == parse_text(LEFT_OUT, values)
    lines = LEFT_OUT.splitlines()
    kept = [line for line in whole.splitlines() if line in lines]
    assert [line for line in lines if "#" in line and "username" not in line] == [
        line for line in kept if "#" in line
    ]
    assert "alice   # since May" in whole


def test_json_stays_json() -> None:
    given = text_of(FULL)
    masked = text.without_secrets(load(given))
    assert masked.count("[secret]") == 8
    values = secrets.values_of(parse_text(given))
    assert load(text.with_secrets(masked, values)).values == FULL


def test_json_is_written_as_it_was_indented() -> None:
    for indent in (None, 2, 4, "\t"):
        masked = text.without_secrets(load(json.dumps(FULL, indent=indent)))
        assert masked.count("[secret]") == 8
        assert masked == json.dumps(json.loads(masked), indent=indent, ensure_ascii=False)


BLOCK = """\
hookswitch: 1
users:
  - name: A
    extension: "10"
    devices:
      - username: a
        PASSWORD
"""
FLOW = """\
{"hookswitch": 1, "users": [{"name": "A", "extension": "10",
  "devices": [{"username": "a", PASSWORD}]}]}
"""


@pytest.mark.parametrize(
    "written",
    ['"password":"{}"', "password: '{}'", "password: {}", "'password':  \"{}\"",
     "? password\n        : {}", "password: |-\n          {}", "password:\n          {}"],
)  # fmt: skip
def test_a_secret_may_be_written_in_any_form(written: str) -> None:
    given = BLOCK if not written.startswith('"password":"') else FLOW
    given = given.replace("PASSWORD", written.format("a-secret-word"))
    masked = text.without_secrets(load(given))
    assert "a-secret-word" not in masked
    values = secrets.values_of(parse_text(given))
    assert parse_text(masked, values) == parse_text(given)
    assert parse_text(text.with_secrets(masked, values)) == parse_text(given)


def test_written_anew_it_says_the_same() -> None:
    assert load(text.write(FULL)).values == FULL
