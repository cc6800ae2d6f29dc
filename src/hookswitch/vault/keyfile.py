"""The key file: one base64 key a line, the newest last; two lines while a rotation is under way."""

import base64
import binascii
import os
from collections.abc import Sequence
from pathlib import Path

from hookswitch.vault.errors import KeyUnreadableError
from hookswitch.vault.seal import KEY_BYTES, Key

_HEAD = "# Hookswitch encrypts its stored secrets with this key: keep a copy in a safe place.\n"


def read_keys(path: Path) -> tuple[Key, ...]:
    """Give the keys, the newest last; none if there is no file."""
    try:
        lines = path.read_text("ascii").splitlines()
        path.chmod(0o600)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise KeyUnreadableError(path, f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise KeyUnreadableError(path, "is damaged") from None
    keys = [_key(path, line) for line in lines if line and not line.startswith("#")]
    if not keys:
        raise KeyUnreadableError(path, "is empty")
    return tuple(keys)


def write_keys(path: Path, keys: Sequence[Key]) -> None:
    """Replace the file whole; on return it is on the disk."""
    text = _HEAD + "".join(f"{base64.b64encode(key.secret).decode()}\n" for key in keys)
    new = path.with_name(f".{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _key(path: Path, line: str) -> Key:
    try:
        secret = base64.b64decode(line, validate=True)
    except binascii.Error:
        secret = b""
    if len(secret) != KEY_BYTES:
        raise KeyUnreadableError(path, "is damaged")
    return Key(secret)
