"""Signatures of Standard Webhooks 1.0."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hookswitch.delivery.errors import Unsendable
from hookswitch.model.secret import Secret

PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)


def signing_key(secret: Secret) -> bytes:
    """The key inside `whsec_<base64>`; 24 to 64 bytes, as the standard demands."""
    text = secret.reveal()
    if not text.startswith(PREFIX):
        raise Unsendable("a signing secret must begin with whsec_")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise Unsendable("a signing secret is not valid base64") from None
    if len(key) not in _KEY_BYTES:
        raise Unsendable("a signing secret must hold 24 to 64 bytes")
    return key


def signature(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    code = _keyed(key).copy()
    code.update(b"%s.%d." % (webhook_id.encode(), timestamp))
    code.update(body)
    return "v1," + base64.b64encode(code.digest()).decode("ascii")


@lru_cache(maxsize=1024)
def _keyed(key: bytes) -> hmac.HMAC:
    """Kept, as a copy of it costs a fraction; a one-shot digest also gives the lock away."""
    return hmac.new(key, digestmod=hashlib.sha256)


def signing_keys(secrets: Sequence[Secret]) -> Sequence[bytes]:
    """One for each secret, two during a rotation; raises `Unsendable` if there is none."""
    if not secrets:
        raise Unsendable("the endpoint has no signing secret")
    return [signing_key(secret) for secret in secrets]


def signatures(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` header: one signature for each key."""
    return " ".join([signature(key, webhook_id, timestamp, body) for key in keys])
