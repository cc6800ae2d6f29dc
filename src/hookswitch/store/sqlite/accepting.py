"""One batch of the live line, inside one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from sqlite3 import Connection
from typing import Final

import msgspec

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event
from hookswitch.model.ids import Ms
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import bulk, messages
from hookswitch.store.sqlite.sql import SQL

_encoder: Final = msgspec.json.Encoder()


def accept(db: Connection, batch: Batch) -> None:
    """Where the journal is read, what the calls became, and what is to be delivered."""
    cursor = {
        "node": batch.node,
        "generation": batch.cursor.generation,
        "byte_offset": batch.cursor.offset,
        "updated_at": batch.at,
    }
    db.execute(SQL["save_cursor"], cursor)
    for call in batch.calls:
        db.execute(SQL["save_call"], _call(batch.node, call))
    for forgotten in batch.forget:
        db.execute(SQL["forget_call"], {"call": forgotten})
    saved = bulk.execute(db, "save_events", [_event(event) for event in batch.events])
    _save_deliveries(db, batch, all_new=saved == len(batch.events))
    messages.save(db, batch)


def _save_deliveries(db: Connection, batch: Batch, *, all_new: bool) -> None:
    """Those of events that are new with the batch need not be looked for: they are nearly all."""
    given = list({(each.event, each.endpoint): each for each in batch.deliveries}.values())
    if all_new and {each.event for each in given} <= {event.id for event in batch.events}:
        for chunk in bulk.chunks(given):
            bulk.execute(db, "save_new_deliveries", list(_numbered(chunk, batch.at)))
    else:
        bulk.execute(db, "save_deliveries", list(_placed(given, batch.at)))


def _numbered(given: Iterable[NewDelivery], at: Ms) -> Iterator[bulk.Row]:
    lanes: dict[tuple[str, str], int] = {}
    for each in given:
        lane = (each.call, each.endpoint)
        nth = lanes[lane] = lanes.get(lane, 0) + 1
        yield (nth, each.event, each.call, each.endpoint, int(each.final), at)


def _placed(given: Sequence[NewDelivery], at: Ms) -> Iterator[bulk.Row]:
    for place, each in enumerate(given):
        yield (place, each.event, each.call, each.endpoint, int(each.final), at)


def _call(node: str, call: CallState) -> dict[str, object]:
    return {
        "call": call.id,
        "node": node,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "state": _encoder.encode(call),
    }


def _event(event: Event) -> bulk.Row:
    return (
        event.id, event.type, event.call, event.revision, event.at, event.endpoint, event.body,
        event.linked_call, event.client_ref,
    )  # fmt: skip
