"""Checks that a request was sent by the phone system."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Final

from hookswitch.receiver.errors import BadSignature, BadToken, MissingHeader, StaleTimestamp
from hookswitch.receiver.headers import Headers, lowered

_PREFIX: Final = "whsec_"
_SCHEME: Final = "v1,"


def verify(
    headers: Headers,
    body: bytes,
    *,
    signing_secret: str | Sequence[str] | None = None,
    token: str | None = None,
    tolerance: float = 300,
    now: float | None = None,
) -> None:
    """Raise a `VerificationError` unless `body` is what the phone system signed.

    `body` is the raw request body, before any parsing. Give the signing secret (several during a
    rotation), the Secret Token, or both: all that is given is checked. `tolerance` is in seconds;
    retries are signed afresh, so only the clocks may differ. A secret that cannot be one raises
    `ValueError`: that is the receiver's setting, not the request.
    """
    if not signing_secret and not token:
        raise ValueError("give signing_secret or token: without them nothing can be checked")
    found = lowered(headers)
    if token:
        _check_token(found, token)
    if signing_secret:
        secrets = [signing_secret] if isinstance(signing_secret, str) else signing_secret
        _check_signature(found, body, [_key(secret) for secret in secrets])
        _check_age(found, tolerance, time.time() if now is None else now)


def _check_token(headers: Mapping[str, str], token: str) -> None:
    if not hmac.compare_digest(_bytes(_header(headers, "x-pbx-token")), _bytes(token)):
        raise BadToken("the token is not the endpoint's Secret Token")


def _check_signature(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes]) -> None:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    webhook_id, timestamp, signatures = (_header(headers, name) for name in names)
    signed = b"%s.%s.%s" % (_bytes(webhook_id), _bytes(timestamp), body)
    expected = [hmac.digest(key, signed, hashlib.sha256) for key in keys]
    given = [_decode(text) for text in signatures.split() if text.startswith(_SCHEME)]
    # Every pair is compared, so that the time taken tells nothing.
    fits = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(fits):
        raise BadSignature("no signature fits the body")


def _check_age(headers: Mapping[str, str], tolerance: float, now: float) -> None:
    timestamp = _header(headers, "webhook-timestamp")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
        raise StaleTimestamp("the timestamp is not a number of seconds")
    if abs(now - int(timestamp)) > tolerance:
        raise StaleTimestamp(f"the request was signed more than {tolerance:g} s from now")


def _header(headers: Mapping[str, str], name: str) -> str:
    try:
        return headers[name]
    except KeyError:
        raise MissingHeader(name) from None


def _bytes(text: str) -> bytes:
    # Servers hand on bytes that are not UTF-8 as lone surrogates.
    return text.encode("utf-8", "surrogateescape")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise ValueError("a signing secret is whsec_ and base64")
    return key


def _decode(signature: str) -> bytes:
    try:
        return base64.b64decode(signature.removeprefix(_SCHEME), validate=True)
    except ValueError:
        return b""
