"""Any document goes into archive, vault and text, and comes back the same; its secrets stay in."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from hookswitch.app.configuration.submission import Submission, prepare
from hookswitch.config import archive, secrets
from hookswitch.config.check import parse, parse_text
from hookswitch.config.diff import diff
from hookswitch.config.document import Document
from hookswitch.config.text import with_secrets, without_secrets, write
from hookswitch.config.yaml import load
from hookswitch.store.sqlite import SqliteStore
from hookswitch.vault import Vault
from kit.documents import text_of
from kit.strategies import documents

CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""What JSON leaves as it is and YAML does not take."""
FEW = settings(max_examples=25, deadline=None)


@FEW
@given(documents())
def test_a_document_comes_back_from_store_and_vault(raw: dict[str, Any]) -> None:
    document = parse(raw)
    with tempfile.TemporaryDirectory() as place:
        found = asyncio.run(_stored(write(raw), Path(place)))
        files = b"".join(file.read_bytes() for file in Path(place).glob("x.db*"))
    assert found == document
    values = [v.encode() for v in secrets.values_of(document).values() if len(v) >= 8]
    public = text_of(secrets.masked(document)).encode()
    assert not [value for value in values if value in files and value not in public]


async def _stored(text: str, place: Path) -> Document:
    store = await SqliteStore.open(place / "x.db")
    vault = Vault(place / "key", store)
    ready = await prepare(Submission(by="x", text=text), vault, None, 1)
    number = await store.stage_revision(ready.archive, "x", 1, text=ready.text)
    await store.set_revision_live(number, 1, (), await vault.seal(ready.secrets, 1))
    row = await store.live_revision()
    assert row is not None
    kept = await vault.read(archive.kept(row.document))
    again = await prepare(Submission(by="x", text=row.text), vault, row, 2)
    assert again.changes == ()
    assert again.secrets == {}
    assert again.text == row.text
    await store.close()
    return archive.restore(row.document, kept.reveal())


@FEW
@given(documents())
def test_a_text_loses_its_secrets_and_takes_them_again(raw: dict[str, Any]) -> None:
    document = parse(raw)
    values = secrets.values_of(document)
    for text in (text_of(raw).translate(CONTROLS), write(raw)):
        masked = without_secrets(load(text))
        assert secrets.wanted(load(masked).values) == set(values)
        assert parse_text(masked, values) == document
        assert parse_text(with_secrets(masked, values)) == document


@FEW
@given(documents(), documents())
def test_a_diff_names_no_secret_and_misses_no_change(old: Any, new: Any) -> None:
    before, after = parse(old), parse(new)
    changes = diff(_plain(before), _plain(after))
    assert bool(changes) == (secrets.masked(before) != secrets.masked(after))
    public = text_of([secrets.masked(before), secrets.masked(after)])
    values = {*secrets.values_of(before).values(), *secrets.values_of(after).values()}
    said = repr(changes) + "\n".join(map(str, changes))
    assert not [v for v in values if len(v) >= 8 and v in said and v not in public]


def _plain(document: Any) -> dict[str, Any]:
    values = secrets.values_of(document)
    return archive.plain(archive.dump(document, dict.fromkeys(values, 1)))
