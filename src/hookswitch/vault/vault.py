"""The secrets of one data directory: read, sealed for the store, sealed anew with another key.

Whoever writes holds the data directory's lock; what `seal` gives is stored with the revision that
brought it, in one transaction.
"""

import asyncio
import hmac
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from hookswitch.model.ids import Ms
from hookswitch.model.secret import Secret
from hookswitch.store.port import SecretStore
from hookswitch.store.rows import SecretRow
from hookswitch.vault.errors import (
    DamagedSecretError,
    KeyMissingError,
    SecretMissingError,
    WrongKeyError,
)
from hookswitch.vault.keyfile import read_keys, write_keys
from hookswitch.vault.seal import Key, new_key, seal, unseal

log = structlog.get_logger(__name__)


class Secrets(Struct, frozen=True):
    """Values by reference, and when each was given."""

    values: Mapping[str, Secret]
    set_at: Mapping[str, Ms]

    def reveal(self) -> dict[str, str]:
        return {reference: value.reveal() for reference, value in self.values.items()}

    def __or__(self, others: "Secrets") -> "Secrets":
        return Secrets({**self.values, **others.values}, {**self.set_at, **others.set_at})


NO_SECRETS: Final = Secrets({}, {})


class Vault:
    """Opens each time what it is asked for: no value and no key is held between."""

    def __init__(self, key_file: Path, store: SecretStore) -> None:
        self._key_file = key_file
        self._store = store

    async def check(self) -> None:
        """Raise if the key of what is stored is not there; end a rotation that was cut off."""
        rows = await self._store.secrets()
        keys = self._keys_for(rows)
        if len(keys) > 1:
            await self._seal_anew(rows, keys)

    def derive(self, purpose: str) -> Secret:
        """A secret made from the newest key: the same on every machine, another after a rotation.

        Raises KeyMissingError without a key.
        """
        keys = read_keys(self._key_file)
        if not keys:
            raise KeyMissingError(self._key_file)
        return Secret(hmac.new(keys[-1].secret, purpose.encode(), "sha256").hexdigest())

    async def read(self, references: Collection[str]) -> Secrets:
        """Give the secrets of these references; raises SecretMissingError for one that is not."""
        found = await self.find(references, damaged=False)
        for reference in references:
            if reference not in found.values:
                raise SecretMissingError(reference)
        return found

    async def find(self, references: Collection[str], *, damaged: bool = True) -> Secrets:
        """Give those of the references that are stored; pass over `damaged` ones, or raise."""
        wanted = frozenset(references)
        if not wanted:
            return NO_SECRETS
        rows = [row for row in await self._store.secrets() if row.reference in wanted]
        # in a thread: thousands of them would hold up deliveries
        return await asyncio.to_thread(_unsealed, rows, self._keys_for(rows), damaged)

    async def references(self) -> Mapping[str, Ms]:
        """Every reference there is, and when its value was given."""
        return {row.reference: row.set_at for row in await self._store.secrets()}

    async def seal(self, values: Mapping[str, str], at: Ms) -> list[SecretRow]:
        """Give rows to store; the first of all makes the key file."""
        if not values:
            return []
        keys = self._keys_for(await self._store.secrets())
        if not keys:
            keys = (new_key(),)
            write_keys(self._key_file, keys)
            log.info("vault.key_made", key=keys[-1].mark)
        return [_row(keys[-1], reference, value, at) for reference, value in values.items()]

    async def rotate(self) -> int:
        """Make a new key and seal everything with it; give how many secrets there are.

        Both keys are in the file until the transaction is committed, so a kill loses nothing.
        """
        rows = await self._store.secrets()
        keys = self._keys_for(rows)
        _opened(rows, keys)
        keys = (*keys, new_key())
        write_keys(self._key_file, keys)
        return await self._seal_anew(rows, keys)

    async def _seal_anew(self, rows: Iterable[SecretRow], keys: tuple[Key, ...]) -> int:
        newest = keys[-1]
        opened = _opened(rows, keys)
        await self._store.replace_secrets(
            [_row(newest, row.reference, value, row.set_at) for row, value in opened]
        )
        write_keys(self._key_file, (newest,))
        log.info("vault.rotated", key=newest.mark, secrets=len(opened))
        return len(opened)

    def _keys_for(self, rows: Collection[SecretRow]) -> tuple[Key, ...]:
        """Give the keys of the file; raises if one of the rows needs another."""
        keys = read_keys(self._key_file)
        marks = {key.mark for key in keys}
        for row in rows:
            if not keys:
                raise KeyMissingError(self._key_file)
            if row.key not in marks:
                raise WrongKeyError(self._key_file, row.key)
        return keys


def _unsealed(rows: Iterable[SecretRow], keys: Iterable[Key], damaged: bool) -> Secrets:
    by_mark = {key.mark: key for key in keys}
    values: dict[str, Secret] = {}
    set_at: dict[str, Ms] = {}
    for row in rows:
        try:
            values[row.reference] = Secret(unseal(by_mark[row.key], row.reference, row.sealed))
            set_at[row.reference] = row.set_at
        except DamagedSecretError as error:
            if not damaged:
                raise
            log.warning("vault.damaged", reference=error.reference)
    return Secrets(values, set_at)


def _opened(rows: Iterable[SecretRow], keys: Iterable[Key]) -> list[tuple[SecretRow, str]]:
    by_mark = {key.mark: key for key in keys}
    return [(row, unseal(by_mark[row.key], row.reference, row.sealed)) for row in rows]


def _row(key: Key, reference: str, value: str, at: Ms) -> SecretRow:
    return SecretRow(
        reference=reference, key=key.mark, sealed=seal(key, reference, value), set_at=at
    )
