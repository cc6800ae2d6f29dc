"""A migration that is out does not change: databases have run it, and would differ from new ones.

A new one is listed by HOOKSWITCH_UPDATE_GOLDEN=1; what is listed is never rewritten.
"""

import hashlib
import json
import os
from importlib.resources import files
from pathlib import Path

import pytest

LISTED = Path(__file__).parent / "golden" / "migrations.json"
STORES = ("sqlite", "postgres")


def checksums(store: str) -> dict[str, str]:
    folder = files(f"hookswitch.store.{store}").joinpath("migrations")
    return {
        f"{store}/{entry.name}": hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }


@pytest.mark.parametrize("store", STORES)
def test_what_is_out_is_as_it_was(store: str) -> None:
    listed: dict[str, str] = json.loads(LISTED.read_text(encoding="utf-8"))
    found = checksums(store)
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        listed = {**found, **listed}
        LISTED.write_text(json.dumps(dict(sorted(listed.items())), indent=1) + "\n", "utf-8")
    known = {name: checksum for name, checksum in listed.items() if name.startswith(f"{store}/")}
    changed = [name for name in known if found.get(name) != known[name]]
    assert not changed, "put it back, and write a migration of its own"
    assert found.keys() == known.keys(), "list the new ones: HOOKSWITCH_UPDATE_GOLDEN=1"
