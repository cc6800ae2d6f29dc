"""How many deliveries came to each end: whoever changes a delivery's state in bulk counts here.

A deleted one is counted off by a trigger.
"""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Final

import msgspec

from hookswitch.store.sqlite.sql import SQL

ENDS: Final = frozenset({"delivered", "failed", "cancelled"})


def count(db: Connection, state: str, ended: int) -> None:
    """So many have come to this state, if it is an end."""
    if ended and state in ENDS:
        db.execute(SQL["count_ends"], {"state": state, "ended": ended})


def uncount(db: Connection, ids: Sequence[int]) -> None:
    """These are about to leave the state they are in, whichever it is."""
    if ids:
        db.execute(SQL["uncount_ends"], {"ids": msgspec.json.encode(ids).decode()})
