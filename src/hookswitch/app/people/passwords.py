"""Passwords of administrators: argon2id, one at a time so that guessing cannot fill the memory."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 200
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)
"""OWASP's second choice and one pass more: 19 MiB."""


class Passwords:
    """Hashes and compares in a thread."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._nobody = ""

    async def hash(self, password: str) -> str:
        async with self._one:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def verify(self, kept: str | None, password: str) -> bool:
        """Takes as long for a name that is not there (`kept` is None)."""
        if kept is None:
            self._nobody = self._nobody or await self.hash("nobody has this password")
        async with self._one:
            right = await asyncio.to_thread(_verify, kept or self._nobody, password)
        return right and kept is not None


def what_is_wrong(password: str) -> str:
    """Why a new password is not taken, with the mend; "" if it is."""
    if len(password) < SHORTEST:
        return f"it has {len(password)} characters: use at least {SHORTEST}"
    if len(password) > LONGEST:
        return f"it has {len(password)} characters: use at most {LONGEST}"
    if len(set(password)) < 4:
        return "it repeats the same few characters: use a longer phrase"
    return ""


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
