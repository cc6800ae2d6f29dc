"""Deliveries taken, settled and given back; each function runs inside one transaction.

A call's deliveries to one endpoint are a lane: first attempts go in its order. `held` marks those
that are not the first of their lane to wait, so that claim need not look at them.
"""

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from sqlite3 import Connection
from typing import Any, Final

import msgspec

from hookswitch.model.delivery import Attempt, Claim, EndpointState, Outcome, Wanted
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.store.sqlite import messages
from hookswitch.store.sqlite.sql import SQL

GONE: Final = "the receiver answered 410 Gone"


def claim(db: Connection, wanted: Wanted) -> Sequence[Claim]:
    """Take by turns: an endpoint's next one comes after those of endpoints with fewer in flight."""
    endpoints = [row[0] for row in db.execute(SQL["due_endpoints"], {"now": wanted.now})]
    first = _ready(db, "ready_first", wanted, wanted.total.first, endpoints)
    retry = _ready(db, "ready_retry", wanted, wanted.total.retry, endpoints)
    return [_take(db, identifier, wanted.now) for identifier in (*first, *retry)]


def _ready(
    db: Connection, query: str, wanted: Wanted, limit: int, endpoints: Iterable[EndpointId]
) -> list[int]:
    found: list[tuple[int, Ms, int]] = []
    for endpoint in endpoints if limit > 0 else ():
        room = wanted.rooms.get(endpoint, wanted.each)
        most = min(limit, room.first if query == "ready_first" else room.retry)
        if most > 0:
            row = {"endpoint": endpoint, "now": wanted.now, "window": wanted.window,
                   "strict": wanted.strict.get(endpoint), "room": most}  # fmt: skip
            places = enumerate(db.execute(SQL[query], row), room.busy)
            found += [(place, *values) for place, values in places]
    return [identifier for _, _, identifier in nsmallest(limit, found)]


def _take(db: Connection, identifier: int, now: Ms) -> Claim:
    db.execute(SQL["claim"], {"id": identifier, "now": now})
    *values, final, first_done = db.execute(SQL["claimed"], {"id": identifier}).fetchone()
    taken = Claim(**dict(zip(_CLAIMED, values, strict=True)), final=bool(final))
    if not first_done:
        db.execute(SQL["let_next"], {"call": taken.call, "endpoint": taken.endpoint})
    messages.prolong(db, taken, now)
    return taken


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
    for outcome in outcomes:
        claim = outcome.claim
        _save_attempt(db, claim.id, outcome.attempt)
        settled = {
            "id": claim.id,
            "attempt": claim.attempt,
            "state": outcome.state,
            "failed": outcome.state != "delivered",
            "due_at": outcome.due_at,
        }
        is_current = db.execute(SQL["settle"], settled).rowcount > 0
        if outcome.state == "delivered" and not is_current:
            _deliver_late(db, claim)
        if outcome.disable_endpoint:
            ended_at = outcome.attempt.started_at + outcome.attempt.duration_ms
            set_state(db, claim.endpoint, "disabled", GONE, ended_at)


def _deliver_late(db: Connection, claim: Claim) -> None:
    """It did arrive, whatever was done with the delivery since; it may have been made pending."""
    db.execute(SQL["deliver_late"], {"id": claim.id})
    db.execute(SQL["let_next"], {"call": claim.call, "endpoint": claim.endpoint})


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
        _save_attempt(db, DeliveryId(identifier), attempt)
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


def _save_attempt(db: Connection, delivery: DeliveryId, attempt: Attempt) -> None:
    row: dict[str, Any] = {**msgspec.structs.asdict(attempt), "delivery": delivery}
    db.execute(SQL["save_attempt"], row)


_CLAIMED = (
    *("id", "event", "type", "call", "revision", "endpoint", "body", "attempt", "failures"),
    *("sequence", "created_at"),
)
