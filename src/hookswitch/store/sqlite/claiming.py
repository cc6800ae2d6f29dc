"""Deliveries taken, settled and given back; each function runs inside one transaction.

A call's deliveries to one endpoint are a lane: first attempts go in its order. `held` marks those
that are not the first of their lane to wait, so that claim need not look at them.
"""

from collections.abc import Sequence
from heapq import nsmallest
from sqlite3 import Connection
from typing import Any

import msgspec

from hookswitch.model.delivery import Attempt, Claim, EndpointRuntime, Outcome
from hookswitch.model.ids import DeliveryId, Ms
from hookswitch.store.sqlite import messages
from hookswitch.store.sqlite.sql import SQL


def claim(db: Connection, now: Ms, limit: int, window: Ms, per_endpoint: int) -> Sequence[Claim]:
    """Take by turns: an endpoint's next one comes after those of endpoints with fewer in flight."""
    found: list[tuple[int, Ms, int]] = []
    for endpoint, sending in db.execute(SQL["due_endpoints"]).fetchall():
        room = min(limit, per_endpoint - sending)
        if room > 0:
            wanted = {"endpoint": endpoint, "now": now, "window": window, "room": room}
            rows = db.execute(SQL["ready"], wanted)
            found += [(place, *row) for place, row in enumerate(rows, sending)]
    return [_take(db, identifier, now) for _, _, identifier in nsmallest(limit, found)]


def _take(db: Connection, identifier: int, now: Ms) -> Claim:
    db.execute(SQL["claim"], {"id": identifier, "now": now})
    *values, final, first_done = db.execute(SQL["claimed"], {"id": identifier}).fetchone()
    taken = Claim(**dict(zip(_CLAIMED, values, strict=True)), final=bool(final))
    if not first_done:
        db.execute(SQL["let_next"], {"call": taken.call, "endpoint": taken.endpoint})
    messages.prolong(db, taken, now)
    return taken


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
            reason = "the receiver answered 410 Gone"
            disable(db, EndpointRuntime(endpoint=claim.endpoint, disabled=True, reason=reason))


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


def disable(db: Connection, runtime: EndpointRuntime) -> None:
    """Set an endpoint's run-time state."""
    db.execute(SQL["set_endpoint_disabled"], msgspec.structs.asdict(runtime))


def _save_attempt(db: Connection, delivery: DeliveryId, attempt: Attempt) -> None:
    row: dict[str, Any] = {**msgspec.structs.asdict(attempt), "delivery": delivery}
    db.execute(SQL["save_attempt"], row)


_CLAIMED = (
    *("id", "event", "type", "call", "revision", "endpoint", "body", "attempt", "failures"),
    "sequence",
)
