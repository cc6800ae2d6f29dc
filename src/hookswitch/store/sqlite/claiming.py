"""Deliveries taken, settled and given back; each function runs inside one transaction.

A call's deliveries to one endpoint are a lane: first attempts go in its order. `held` marks those
that are not the first of their lane to wait, so that claim need not look at them.
"""

from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import Final

import msgspec

from hookswitch.model.delivery import (
    Attempt,
    Claim,
    DeliveryState,
    EndpointState,
    Outcome,
    Room,
    Wanted,
)
from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms
from hookswitch.store.sqlite import bulk, messages, totals
from hookswitch.store.sqlite.sql import SQL
from hookswitch.store.sqlite.turns import Lane, Ready, Taken, take_turns

GONE: Final = "the receiver answered 410 Gone"


def claim(db: Connection, wanted: Wanted) -> Sequence[Claim]:
    """Take by turns: an endpoint's next one comes after those of endpoints with fewer in flight."""
    rooms = _rooms(db, wanted)
    firsts = [
        Lane(name, room.first, room.busy, wanted.strict.get(name))
        for name, room, _ in rooms if room.first > 0
    ]  # fmt: skip
    first = _ready(db, "ready_first", wanted, firsts, wanted.total.first)
    probed = {firsts[place].endpoint for place, _ in first}
    retries = [
        Lane(name, room.retry, room.busy)
        for name, room, probing in rooms if room.retry > 0 and not (probing and name in probed)
    ]  # fmt: skip
    retry = _ready(db, "ready_retry", wanted, retries, wanted.total.retry)
    ids = [identifier for _, identifier in (*first, *retry)]
    if not ids:
        return []
    db.execute(SQL["claim"], {"ids": _json(ids), "now": wanted.now})
    if first:
        db.execute(SQL["let_next"], {"ids": _json(ids[: len(first)])})
    taken = _claimed(db, ids, len(first))
    messages.prolong(db, taken, wanted.now)
    return taken


def _rooms(db: Connection, wanted: Wanted) -> list[tuple[EndpointId, Room, bool]]:
    """Of what may be sent to; one that was held has room for a probe."""
    found = db.execute(SQL["open_endpoints"], {"now": wanted.now}).fetchone()[0]
    rooms = []
    for name, probing in _open.decode(found):
        room = wanted.rooms.get(name, wanted.each)
        if probing:
            room = Room(min(1, room.first), min(1, room.retry), room.busy)
        rooms.append((name, room, bool(probing)))
    return rooms


def _ready(
    db: Connection, query: str, wanted: Wanted, lanes: Sequence[Lane], total: int
) -> Sequence[Taken]:
    if total <= 0:
        return []

    def look(limits: Mapping[int, int]) -> Mapping[int, Sequence[Ready]]:
        asked = [(place, lanes[place].endpoint, lanes[place].strict) for place in limits]
        row = {"lanes": _json(asked), "most": max(limits.values()), "now": wanted.now,
               "window": wanted.window}  # fmt: skip
        found: dict[int, list[Ready]] = {place: [] for place in limits}
        for place, due_at, identifier in _found.decode(db.execute(SQL[query], row).fetchone()[0]):
            found[place].append((due_at, identifier))
        return {place: sorted(ready)[: limits[place]] for place, ready in found.items()}

    return take_turns(lanes, total, look)


def _claimed(db: Connection, ids: Sequence[int], retries_from: int) -> Sequence[Claim]:
    rows, bodies = db.execute(SQL["claimed"], {"ids": _json(ids)}).fetchone()
    claims, begin = [], 0
    for place, row in enumerate(_rows.decode(rows)):
        end = begin + row.body
        claims.append(
            Claim(
                id=row.id, event=row.event, type=row.type, call=row.call, revision=row.revision,
                endpoint=row.endpoint, body=bodies[begin:end], attempt=row.attempt,
                failures=row.failures, sequence=row.sequence, created_at=row.created_at,
                final=bool(row.final), retry=place >= retries_from,
                linked_call=row.linked_call, client_ref=row.client_ref,
            )
        )  # fmt: skip
        begin = end
    return claims


def give_back(db: Connection, claims: Sequence[Claim]) -> None:
    """Undo claims that were not sent, each before the later ones of its lane."""
    given = [claim for claim in claims if _undo(db, claim)]
    for claim in given:
        db.execute(SQL["hold_behind"], {"id": claim.id})


def _undo(db: Connection, claim: Claim) -> bool:
    row = {"id": claim.id, "attempt": claim.attempt}
    return db.execute(SQL["give_back"], row).rowcount > 0


def record(db: Connection, outcomes: Sequence[Outcome]) -> None:
    """Write the attempts and move their deliveries on."""
    bulk.execute(db, "save_attempts", [_attempt(one.claim.id, one.attempt) for one in outcomes])
    for state in {outcome.state for outcome in outcomes}:
        _settle(db, state, [outcome for outcome in outcomes if outcome.state == state])
    for outcome in outcomes:
        if outcome.disable_endpoint:
            ended_at = outcome.attempt.started_at + outcome.attempt.duration_ms
            set_state(db, outcome.claim.endpoint, "disabled", GONE, ended_at)


def _settle(db: Connection, state: DeliveryState, outcomes: Sequence[Outcome]) -> None:
    settled = bulk.execute(db, "settle", [_settled(outcome) for outcome in outcomes])
    totals.count(db, state, settled)
    if state == "delivered" and settled < len(outcomes):
        _deliver_late(db, [outcome.claim.id for outcome in outcomes])


def _settled(outcome: Outcome) -> bulk.Row:
    claim, state = outcome.claim, outcome.state
    return (claim.id, claim.attempt, state, int(state != "delivered"), outcome.due_at)


def _deliver_late(db: Connection, delivered: Sequence[DeliveryId]) -> None:
    """It did arrive, whatever was done with the delivery since; it may have been made pending."""
    late = db.execute(SQL["undelivered"], {"ids": _json(delivered)}).fetchone()[0]
    ids = msgspec.json.decode(late, type=list[int])
    if ids:
        totals.uncount(db, ids)
        db.execute(SQL["deliver_late"], {"ids": late})
        totals.count(db, "delivered", len(ids))
        db.execute(SQL["let_next"], {"ids": late})


def release_interrupted(db: Connection, now: Ms) -> int:
    """Make what is `sending` pending again, each before the later ones of its lane."""
    rows = db.execute(SQL["interrupted"]).fetchall()
    for identifier, number, claimed_at in rows:
        attempt = Attempt(
            number=number,
            started_at=claimed_at,
            duration_ms=0,
            error="interrupted",
            detail="our process ended during this attempt",
        )
        bulk.execute(db, "save_attempts", [_attempt(DeliveryId(identifier), attempt)])
        db.execute(SQL["release"], {"id": identifier, "now": now})
    for identifier, *_ in rows:
        db.execute(SQL["hold_behind"], {"id": identifier})
    return len(rows)


def set_state(
    db: Connection, endpoint: EndpointId, state: EndpointState, reason: str, at: Ms
) -> None:
    """Set an endpoint's run-time state."""
    row = {"endpoint": endpoint, "state": state, "reason": reason, "at": at}
    db.execute(SQL["set_endpoint_state"], row)


def _attempt(delivery: DeliveryId, attempt: Attempt) -> bulk.Row:
    return (
        delivery, attempt.number, attempt.started_at, attempt.duration_ms, attempt.status,
        attempt.error, attempt.detail, attempt.response,
    )  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class _Row(msgspec.Struct, array_like=True):
    """What `claimed` gives of each; `body` is its length."""

    id: DeliveryId
    event: EventId
    type: EventType
    call: CallId
    revision: int
    endpoint: EndpointId
    body: int
    attempt: int
    failures: int
    sequence: int | None
    created_at: Ms
    final: int
    linked_call: CallId | None
    client_ref: str | None


_open: Final = msgspec.json.Decoder(list[tuple[EndpointId, int]])
_found: Final = msgspec.json.Decoder(list[tuple[int, Ms, DeliveryId]])
_rows: Final = msgspec.json.Decoder(list[_Row])
