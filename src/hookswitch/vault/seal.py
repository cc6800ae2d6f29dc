"""AES-256-GCM with a fresh nonce; the reference is authenticated, so that no row can be moved."""

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hookswitch.vault.errors import DamagedSecretError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_PURPOSE: Final = b"hookswitch secret 1\0"


class Key:
    """A key that does not show itself; `mark` tells it from others and gives nothing away."""

    __slots__ = ("cipher", "mark", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.cipher = AESGCM(secret)
        self.mark = hashlib.sha256(b"hookswitch key mark\0" + secret).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({self.mark})"


def new_key() -> Key:
    return Key(os.urandom(KEY_BYTES))


def seal(key: Key, reference: str, value: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + key.cipher.encrypt(nonce, value.encode(), _PURPOSE + reference.encode())


def unseal(key: Key, reference: str, sealed: bytes) -> str:
    """Give the value; raises DamagedSecretError if anything but the reference's own was sealed."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return key.cipher.decrypt(nonce, rest, _PURPOSE + reference.encode()).decode()
    except (InvalidTag, ValueError):
        raise DamagedSecretError(reference) from None
