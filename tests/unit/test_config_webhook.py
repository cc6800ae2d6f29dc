"""What may be set of a webhook endpoint: good and bad values, and what delivery makes of them."""

from typing import Any

import pytest

from hookswitch.config.check import parse, parse_text
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.secrets import masked, values_of
from hookswitch.config.site import endpoints_of
from hookswitch.model.endpoints import Endpoint, Only
from kit.certificates import Authority
from kit.documents import FULL, changed, text_of


def crm(**values: Any) -> Endpoint:
    return endpoints_of(document(**values))[0]


def document(**values: Any) -> Document:
    raw = FULL
    for name, value in values.items():
        raw = changed(f"webhooks.0.{name}", value, raw)
    return parse(raw)


def said(**values: Any) -> tuple[str, str]:
    raw = FULL
    for name, value in values.items():
        raw = changed(f"webhooks.0.{name}", value, raw)
    with pytest.raises(InvalidDocument) as refused:
        parse_text(text_of(raw))
    (problem,) = refused.value.problems
    return problem.field, str(problem)


def test_nothing_given_means_everything() -> None:
    plain = crm()
    assert (plain.only, plain.masks, plain.rate, plain.strict_ms, plain.tls) == (
        Only(), (), None, None, None,
    )  # fmt: skip


def test_filters_masks_rate_and_order() -> None:
    told = crm(
        only={"numbers": ["61300000000"], "queues": ["Sales"], "users": ["1001"]},
        mask={"caller_id": "hash", "emails": "drop"},
        max_per_second=2.5,
        strict_order=60,
    )
    assert told.only == Only(frozenset({"61300000000"}), frozenset({"Sales"}), frozenset({"1001"}))
    assert told.masks == (("caller_id", "hash"), ("emails", "drop"))
    assert (told.rate, told.strict_ms) == (2.5, 60_000)


def test_an_authority_and_a_certificate_of_its_own() -> None:
    authority = Authority()
    mine = authority.certificate("me")
    told = crm(ca_certificate=authority.pem, client_certificate=mine)
    assert told.tls is not None
    assert told.tls.ca == authority.pem
    assert told.tls.certificate.reveal() == mine
    assert "PRIVATE" not in repr(told)


def test_the_client_certificate_is_a_secret() -> None:
    given = document(client_certificate=Authority().certificate("me"))
    assert "webhooks/crm/client_certificate" in values_of(given)
    assert "PRIVATE" not in str(masked(given))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("mask", {"type": "drop"}, "'type' cannot be masked: name some of caller_id"),
        ("mask", {"audio_file": "hash"}, "a list of links cannot be hashed: drop audio_file"),
        ("mask", {"caller_id": "encrypt"}, "none of the allowed values"),
        ("max_per_second", 0, "greater than 0"),
        ("strict_order", 0, "1"),
        ("strict_order", 86_401, "86400"),
        ("ca_certificate", "no certificate", "not a certificate: write PEM text"),
        ("client_certificate", "no certificate", "not a certificate with its private key"),
        ("only", {"callers": ["1"]}, "no such field"),
    ],
)
def test_bad_values(name: str, value: Any, text: str) -> None:
    field, message = said(**{name: value})
    assert field.startswith(name) or name in message
    assert text in message


def test_a_key_that_is_not_the_certificates() -> None:
    one, other = Authority().certificate("me"), Authority().certificate("me")
    mixed = one[: one.index("-----BEGIN CERT")] + other[other.index("-----BEGIN CERT") :]
    _, message = said(client_certificate=mixed)
    assert "the private key is not the certificate's" in message
    assert "BEGIN PRIVATE" not in message
