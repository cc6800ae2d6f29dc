"""A journal as the engine writes it; the oracle for its form is the real one in unit/golden."""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from hookswitch.journal.parse import FIELDS, parse
from hookswitch.model.journal import JournalLine

START = 1_795_492_779_000


def written(fields: Iterable[bytes]) -> bytes:
    """One record: every field quoted, quotes doubled, a line feed at the end."""
    return b",".join(b'"' + field.replace(b'"', b'""') + b'"' for field in fields) + b"\n"


def record(
    event: str, at: int, uniqueid: str, linkedid: str = "", *, extra: str = "", **columns: str
) -> bytes:
    """`at` in milliseconds; `columns` by the engine's own names."""
    values = {
        "EventType": event,
        "EventTime": f"{at // 1000}.{at % 1000:03}000",
        "UniqueID": uniqueid,
        "LinkedID": linkedid or uniqueid,
        "ChanName": f"PJSIP/{uniqueid}",
        "EventExtra": extra,
        **columns,
    }
    return written(values.get(name, "").encode() for name in FIELDS)


def ours(
    event: str,
    at: int,
    uniqueid: str,
    linkedid: str = "",
    pairs: Mapping[str, str] | None = None,
    **columns: str,
) -> bytes:
    """A record of the compiled dialplan: URL-encoded pairs, wrapped by the engine."""
    text = "&".join(f"{key}={quote(value, safe='')}" for key, value in (pairs or {}).items())
    extra = json.dumps({"extra": text}, separators=(",", ":"))
    return record(event, at, uniqueid, linkedid, extra=extra, userdeftype=event, **columns)


def lines(data: bytes) -> list[JournalLine]:
    """The records of a whole journal; none may be given up."""
    found = list(parse(data, complete=True))
    assert not [parsed for parsed in found if parsed.dropped]
    return [parsed.line for parsed in found if parsed.line is not None]
