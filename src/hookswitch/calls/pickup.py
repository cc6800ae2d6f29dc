"""Users who come to a call by themselves: they take it where it rings, or where it is parked.

The engine's records name their channels only. Who they are they said in a call of their own, which
the ledger looks up: `by`, `ext` and `name` are its additions to the record.
"""

from msgspec.structs import replace

from hookswitch.calls import legs, visits
from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Leg, Seeker, User
from hookswitch.model.facts import LegAnswered, LegRang, LegTried
from hookswitch.model.journal import JournalLine


def seek(call: CallState, line: JournalLine) -> Folded:
    """A user dialled to take a call; which one is told when he has it."""
    user = User(line.extra.get("name", ""), line.extra.get("ext", ""))
    if not user.extension:
        return call, ()
    return replace(call, seeker=Seeker(user, line.uniqueid, line.channel)), ()


def sought_by(line: JournalLine, seeker: Seeker) -> JournalLine:
    """The record that says he has it, with who he is."""
    who = {"by": seeker.uniqueid, "ext": seeker.user.extension, "name": seeker.user.name}
    return replace(line, extra={**line.extra, **who})


def picked_up(call: CallState, line: JournalLine) -> Folded:
    """Only what rings can be taken; whom it rang at has missed it."""
    leg = legs.of_device(call, line.uniqueid)
    if leg is None or leg.ended_at is not None:
        return call, ()
    call, rang = legs.rang(call, leg, line.at)
    call, missed = legs.settle(call, replace(call.legs[leg.id], dial_over_at=line.at))
    call, came = _comes(call, line, leg)
    return call, rang + missed + came


def unparked(call: CallState, line: JournalLine) -> Folded:
    return _comes(call, line, None)


def _comes(call: CallState, line: JournalLine, before: Leg | None) -> Folded:
    """A leg that rings and is answered at once, reached as the one `before` it was."""
    by = line.extra.get("by")
    if by is None:
        return call, ()
    leg = Leg(
        id=legs.unused(call, f"{by}.t"),
        user=User(line.extra.get("name", ""), line.extra.get("ext", "")),
        tried_at=line.at,
        devices=(by,),
        open_devices=frozenset({by}),
        rang_at=line.at,
        answered_at=line.at,
        answered_by=by,
    )
    if before is not None:
        leg = replace(
            leg,
            visit=before.visit,
            via_queue=before.via_queue,
            via_ring_group=before.via_ring_group,
            instead_of=before.id,
        )
    call = visits.answered(legs.put(call, leg), leg)
    told = info(call), leg, line.at
    return call, (LegTried(*told), LegRang(*told), LegAnswered(*told))
