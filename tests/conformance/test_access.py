"""Administrators, sessions, tokens, the audit log, and the draft."""

import msgspec
import pytest
from store_builders import START

from hookswitch.model.access import Administrator, ApiToken, AuditEntry, Session
from hookswitch.store.access import LastAdministratorError
from hookswitch.store.port import Store
from hookswitch.store.rows import DraftRow, SecretRow

ADA = Administrator(name="ada", role="administrator", password_hash="x", created_at=START)
BOB = Administrator(name="bob", role="operator", password_hash="y", created_at=START, disabled=True)


def session(identifier: str, seen_at: int = START, of: str = "ada") -> Session:
    return Session(
        id=identifier,
        token_hash=f"hash {identifier}",
        administrator=of,
        created_at=START,
        seen_at=seen_at,
        address="::1",
        agent="it",
    )


def draft(tag: str) -> DraftRow:
    return DraftRow(
        tag=tag, base=3, document='{"a": 1}', text="", changed_at=START, changed_by="ada"
    )


def secret(reference: str) -> SecretRow:
    return SecretRow(reference=reference, key="k", sealed=b"s", set_at=START)


async def test_the_first_administrator_is_first(store: Store) -> None:
    assert await store.add_administrator(ADA, first=True)
    assert not await store.add_administrator(BOB, first=True)
    assert not await store.add_administrator(ADA)
    assert await store.add_administrator(BOB)
    assert list(await store.administrators()) == [ADA, BOB]
    changed = msgspec.structs.replace(
        BOB, role="read_only", disabled=False, totp=True, totp_step=7, last_login_at=START
    )
    assert await store.save_administrator(changed)
    assert await store.administrator("bob") == changed
    assert not await store.save_administrator(msgspec.structs.replace(BOB, name="eve"))
    assert await store.administrator("eve") is None


async def test_somebody_can_always_administer(store: Store) -> None:
    await store.add_administrator(ADA)
    await store.add_administrator(BOB)
    for change in ({"disabled": True}, {"role": "operator"}):
        with pytest.raises(LastAdministratorError):
            await store.save_administrator(msgspec.structs.replace(ADA, **change))
    with pytest.raises(LastAdministratorError):
        await store.delete_administrator("ada")
    assert await store.administrator("ada") == ADA
    assert await store.delete_administrator("bob")
    assert not await store.delete_administrator("bob")


async def test_sessions_belong_to_an_administrator(store: Store) -> None:
    await store.add_administrator(ADA)
    await store.add_administrator(BOB)
    rows = [session("a", START), session("b", START + 5), session("c", START + 9, of="bob")]
    for row in rows:
        await store.add_session(row)
    assert await store.session("hash a") == rows[0]
    assert await store.session("hash x") is None
    assert [row.id for row in await store.sessions("ada")] == ["b", "a"]
    await store.touch_session("a", START + 7)
    assert [row.id for row in await store.sessions("ada")] == ["a", "b"]
    assert not await store.delete_session("c", "ada")
    await store.delete_sessions("ada", but="a")
    assert [row.id for row in await store.sessions("ada")] == ["a"]
    await store.expire_sessions(seen_before=START + 8, made_before=START)
    assert list(await store.sessions("ada")) == []
    await store.delete_administrator("bob")
    assert await store.session("hash c") is None


async def test_tokens(store: Store) -> None:
    row = ApiToken(
        id="t1",
        name="crm",
        token_hash="h",
        role="read_only",
        created_at=START,
        created_by="ada",
        addresses=("192.0.2.0/24",),
    )
    await store.add_token(row)
    assert await store.token("h") == row
    assert await store.token("g") is None
    await store.touch_token("t1", START + 1, "192.0.2.1")
    used = msgspec.structs.replace(row, used_at=START + 1, used_from="192.0.2.1")
    assert list(await store.tokens()) == [used]
    assert await store.delete_token("t1")
    assert not await store.delete_token("t1")


async def test_the_log_is_read_from_its_end(store: Store) -> None:
    for number in range(3):
        entry = AuditEntry(at=START + number, who="ada", what="x", target="y", address="::1")
        await store.add_audit(entry)
    page = await store.audit(limit=2)
    assert [entry.at for entry in page] == [START + 2, START + 1]
    rest = await store.audit(before=page[-1].id)
    assert [(entry.at, entry.who, entry.details) for entry in rest] == [(START, "ada", "")]


async def test_a_draft_is_written_by_who_has_seen_it(store: Store) -> None:
    assert await store.draft() is None
    assert not await store.save_draft(draft("a"), expected="other")
    assert await store.save_draft(draft("a"), expected="", secrets=[secret("draft:x")])
    assert not await store.save_draft(draft("b"), expected="")
    assert await store.draft() == draft("a")
    assert await store.save_draft(draft("b"), expected="a", drop=["draft:x"])
    assert list(await store.secrets()) == []
    await store.replace_secrets([secret("draft:y"), secret("users/1/password")])
    assert not await store.delete_draft(expected="a", drop=["draft:y"])
    assert len(await store.secrets()) == 2
    assert await store.delete_draft(expected="b", drop=["draft:y"])
    assert await store.draft() is None
    await store.delete_secrets(["users/1/password"])
    assert list(await store.secrets()) == []
