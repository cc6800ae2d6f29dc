"""The history and the encrypted secrets, as every store keeps them."""

from store_builders import START, OpenStore

from hookswitch.store.port import Store
from hookswitch.store.rows import RevisionInfo, SecretRow


def secret(reference: str, key: str = "k1", sealed: bytes = b"\0\xff") -> SecretRow:
    return SecretRow(reference=reference, key=key, sealed=sealed, set_at=START)


async def test_the_history_lists_the_newest_first(store: Store) -> None:
    first = await store.stage_revision("a", "ann", START, text="# a\n", comment="why")
    await store.set_revision_live(first, START + 1)
    second = await store.stage_revision("b", "bob", START + 2, origin="import")
    await store.set_revision_failed(second, START + 3, "it is wrong")
    assert list(await store.revisions()) == [
        RevisionInfo(
            number=second, applied_at=START + 3, applied_by="bob", state="failed",
            origin="import", reason="it is wrong",
        ),
        RevisionInfo(
            number=first, applied_at=START + 1, applied_by="ann", state="live", comment="why"
        ),
    ]  # fmt: skip
    assert [row.number for row in await store.revisions(1)] == [second]
    row = await store.live_revision()
    assert row is not None
    assert (row.document, row.text) == ("a", "# a\n")


async def test_what_was_live_before(store: Store) -> None:
    assert await store.revision_before(1) is None
    for _ in range(2):
        await store.set_revision_live(await store.stage_revision("a", "ann", START), START)
    await store.set_revision_failed(await store.stage_revision("b", "ann", START), START)
    found = [await store.revision_before(number) for number in (1, 2, 3, 4)]
    assert [row and row.number for row in found] == [None, 1, 2, 2]


async def test_what_was_staged_is_ended_once(open_store: OpenStore) -> None:
    store = await open_store()
    number = await store.stage_revision("a", "ann", START)
    await store.close()
    store = await open_store()
    assert await store.fail_staged(START + 1, "cut off") == 1
    assert await store.fail_staged(START + 2, "cut off") == 0
    row = await store.revision(number)
    assert row is not None
    assert (row.state, row.reason, row.applied_at) == ("failed", "cut off", START + 1)
    await store.close()


async def test_secrets_come_with_their_revision(open_store: OpenStore) -> None:
    store = await open_store()
    number = await store.stage_revision("a", "ann", START)
    rows = [secret("objects/a/pin"), secret("webhooks/crm/secret_token")]
    await store.set_revision_live(number, START, (), rows)
    await store.close()
    store = await open_store()
    assert list(await store.secrets()) == rows
    again = [secret("objects/a/pin", "k2", b"new")]
    await store.replace_secrets(again)
    assert list(await store.secrets()) == [*again, rows[1]]
    await store.close()
