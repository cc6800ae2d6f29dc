"""Digest answers against the vectors printed in RFC 2617 (3.5) and RFC 7616 (3.9.1)."""

import pytest

from hookswitch.phone.digest import Credentials, parse_challenge
from hookswitch.phone.errors import ParseError
from hookswitch.phone.message import Request, Response

RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", '
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={}, '
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
NEWER = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("challenge", "password", "cnonce", "response"),
    [
        (RFC_2617, "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"),
        (
            RFC_7616.format("MD5"),
            "Circle of Life",
            NEWER,
            "8ca523f5e9506fed4657c9700eebdbec",
        ),
        (
            RFC_7616.format("SHA-256"),
            "Circle of Life",
            NEWER,
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
)
def test_vectors(challenge: str, password: str, cnonce: str, response: str) -> None:
    credentials = Credentials("Mufasa", password)
    answer = credentials.answer(parse_challenge(challenge), "GET", "/dir/index.html", cnonce)
    assert f'response="{response}"' in answer
    assert "qop=auth, nc=00000001" in answer
    assert 'opaque="' in answer


def test_a_challenge_without_qop_is_answered_the_old_way() -> None:
    answer = Credentials("u", "p").answer(parse_challenge('Digest realm="r", nonce="n"'), "A", "b")
    assert "cnonce" not in answer


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "Basic realm=x",
        'Digest realm="x"',
        'Digest nonce="n", algorithm=SHA-512',
        'Digest nonce="n", qop="auth-int"',
    ],
)
def test_challenges_we_cannot_answer(challenge: str) -> None:
    with pytest.raises(ParseError):
        parse_challenge(challenge)


def _challenged(*values: str) -> tuple[Request, Response]:
    request = Request("REGISTER", "sip:a", headers=[("Via", "v1"), ("CSeq", "4 REGISTER")])
    headers = [("WWW-Authenticate", value) for value in values]
    return request, Response(401, "Unauthorized", headers=headers)


def test_a_retry_is_a_new_transaction_and_takes_the_first_usable_challenge() -> None:
    request, response = _challenged('Digest nonce="n", algorithm=SHA-512', RFC_2617)
    again = Credentials("u", "p").retry(request, response, "v2")
    assert again is not None
    assert again.get("Via") == "v2"
    assert again.cseq == (5, "REGISTER")
    assert 'uri="sip:a"' in again.get("Authorization")
    assert request.get("Authorization") == ""


def test_a_refused_password_is_not_tried_again_unless_the_nonce_was_stale() -> None:
    request, response = _challenged(RFC_2617)
    request.set("Authorization", "Digest ...")
    credentials = Credentials("u", "p")
    assert credentials.retry(request, response, "v2") is None
    request, response = _challenged(RFC_2617 + ", stale=TRUE")
    request.set("Authorization", "Digest ...")
    assert credentials.retry(request, response, "v2") is not None


def test_without_a_password_there_is_no_answer_and_it_never_shows() -> None:
    assert Credentials("u", None).retry(*_challenged(RFC_2617), "v2") is None
    assert "secret" not in repr(Credentials("u", "secret"))
