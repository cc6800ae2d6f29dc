"""The encrypted secrets: sealed, moved, lost, damaged, given another key and killed in between."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookswitch.store.rows import SecretRow
from hookswitch.store.sqlite import SqliteStore
from hookswitch.vault import Vault, VaultError
from hookswitch.vault.errors import (
    DamagedSecretError,
    KeyMissingError,
    KeyUnreadableError,
    SecretMissingError,
    WrongKeyError,
)
from hookswitch.vault.keyfile import read_keys, write_keys
from hookswitch.vault.seal import new_key, seal, unseal

MARK = "MARKER-secret"
VALUES = {"users/1001/devices/1001/password": MARK, "webhooks/crm/secret_token": "t"}


class Place:
    """A data directory with a store, a key file and a vault."""

    def __init__(self, path: Path, store: SqliteStore) -> None:
        self.path, self.store = path, store
        self.key_file = path / "secrets.key"
        self.vault = Vault(self.key_file, store)

    async def put(self, **values: str) -> None:
        rows = await self.vault.seal(values or VALUES, at=1)
        await self.store.replace_secrets(rows)

    async def values(self) -> dict[str, str]:
        return (await self.vault.read(await self.vault.references())).reveal()

    def change(self, sql: str) -> None:
        with sqlite3.connect(self.path / "x.db") as db:
            db.execute(sql)
        db.close()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    store = await SqliteStore.open(tmp_path / "x.db")
    yield Place(tmp_path, store)
    await store.close()


@given(st.text(), st.text())
def test_what_is_sealed_is_unsealed_under_its_reference_only(reference: str, value: str) -> None:
    key = new_key()
    sealed = seal(key, reference, value)
    assert unseal(key, reference, sealed) == value
    assert seal(key, reference, value) != sealed
    for other_key, other in ((key, reference + "x"), (new_key(), reference)):
        with pytest.raises(DamagedSecretError):
            unseal(other_key, other, sealed)


async def test_the_first_secret_makes_the_key(place: Place) -> None:
    await place.vault.check()
    assert not place.key_file.exists()
    assert await place.vault.seal({}, at=1) == []
    assert not place.key_file.exists()
    await place.put()
    assert place.key_file.stat().st_mode & 0o777 == 0o600
    assert await place.values() == VALUES


async def test_nothing_on_the_disk_or_in_a_text_shows_a_secret(place: Place) -> None:
    await place.put()
    kept = await place.vault.read(VALUES)
    rows = await place.store.secrets()
    assert MARK not in repr((kept, rows, place.vault, read_keys(place.key_file)))
    for file in place.path.iterdir():
        assert MARK.encode() not in file.read_bytes(), file
    key = read_keys(place.key_file)[0].secret
    for file in place.path.glob("x.db*"):
        assert key not in file.read_bytes()


async def uses(place: Place) -> Sequence[VaultError]:
    """What every use of the vault ends with; None is allowed to succeed or to write."""
    before = [*await place.store.secrets()], place.key_file.exists()
    errors = []
    for use in (
        place.vault.check(),
        place.vault.read(VALUES),
        place.vault.find(VALUES),
        place.vault.seal({"new": "value"}, at=2),
        place.vault.rotate(),
    ):
        with pytest.raises(VaultError) as refused:
            await use
        errors.append(refused.value)
        assert MARK not in str(refused.value)
    assert before == ([*await place.store.secrets()], place.key_file.exists())
    return errors


async def test_a_lost_key_is_not_made_anew(place: Place) -> None:
    await place.put()
    place.key_file.rename(place.path / "backup")
    for error in await uses(place):
        assert isinstance(error, KeyMissingError)
        assert "restore the key file from the backup" in str(error)
    (place.path / "backup").rename(place.key_file)
    assert await place.values() == VALUES


async def test_another_key_is_told_from_damage(place: Place) -> None:
    await place.put()
    write_keys(place.key_file, [new_key()])
    for error in await uses(place):
        assert isinstance(error, WrongKeyError)


@pytest.mark.parametrize("content", [b"", b"#\n", b"x\n", b"AAAA\n", b"\xff\xfe"])
async def test_a_damaged_key_file_is_told(place: Place, content: bytes) -> None:
    await place.put()
    place.key_file.write_bytes(content)
    for error in await uses(place):
        assert isinstance(error, KeyUnreadableError)


async def test_a_key_file_others_can_read_is_closed(place: Place) -> None:
    await place.put()
    place.key_file.chmod(0o644)
    await place.vault.check()
    assert place.key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE secrets SET sealed = zeroblob(40) WHERE reference LIKE 'users%'",
        "UPDATE secrets SET sealed = x'' WHERE reference LIKE 'users%'",
        "UPDATE secrets AS a SET sealed = b.sealed FROM secrets AS b"  # noqa: ISC004
        " WHERE a.reference LIKE 'users%' AND b.reference LIKE 'webhooks%'",
    ],
)
async def test_a_damaged_or_moved_row_is_named(place: Place, damage: str) -> None:
    await place.put()
    place.change(damage)
    with pytest.raises(DamagedSecretError, match="users/1001"):
        await place.vault.read(VALUES)
    with pytest.raises(DamagedSecretError):
        await place.vault.rotate()
    assert len(read_keys(place.key_file)) == 1
    # what is whole can be read, and what is damaged can be given anew
    await place.vault.check()
    assert (await place.vault.find(VALUES)).reveal() == {"webhooks/crm/secret_token": "t"}
    await place.put()
    assert await place.values() == VALUES


async def test_a_secret_that_is_not_stored_is_named(place: Place) -> None:
    with pytest.raises(SecretMissingError, match="users/1001"):
        await place.vault.read(VALUES)


async def test_rotation_seals_everything_with_another_key(place: Place) -> None:
    await place.put()
    old_rows, old_key = await place.store.secrets(), place.key_file.read_text()
    assert await place.vault.rotate() == len(VALUES)
    new_rows = await place.store.secrets()
    assert place.key_file.read_text() != old_key
    assert {row.key for row in new_rows}.isdisjoint(row.key for row in old_rows)
    assert [row.set_at for row in new_rows] == [row.set_at for row in old_rows]
    assert await place.values() == VALUES
    place.key_file.write_text(old_key)
    with pytest.raises(WrongKeyError):
        await place.values()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("committed", [False, True])
async def test_a_rotation_killed_anywhere_is_ended_by_the_next_start(
    place: Place, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    await place.put()
    right = place.store.replace_secrets

    async def replace(rows: Sequence[SecretRow]) -> None:
        if committed:
            await right(rows)
        raise Killed

    monkeypatch.setattr(place.store, "replace_secrets", replace)
    with pytest.raises(Killed):
        await place.vault.rotate()
    monkeypatch.undo()
    assert len(read_keys(place.key_file)) == 2
    assert await place.values() == VALUES
    await place.put(later="value")
    await place.vault.check()
    assert len(read_keys(place.key_file)) == 1
    assert await place.values() == VALUES | {"later": "value"}


async def test_a_rotation_killed_before_its_key_is_written_changed_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.put()
    before = place.key_file.read_bytes()

    def replace(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(Killed):
        await place.vault.rotate()
    monkeypatch.undo()
    assert place.key_file.read_bytes() == before
    assert await place.values() == VALUES
