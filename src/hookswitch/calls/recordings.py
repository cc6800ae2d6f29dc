"""Recordings of a call's channels: begun, talked into, closed, and told of."""

from msgspec.structs import replace

from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Recording
from hookswitch.model.facts import Fact, RecordingClosed
from hookswitch.model.ids import Ms
from hookswitch.model.journal import JournalLine


def begin(call: CallState, line: JournalLine) -> Folded:
    file = line.extra.get("f", "")
    if not file or file in call.recordings:
        return call, ()
    return _put(
        call,
        Recording(
            id=file,
            channel=line.uniqueid,
            channel_name=line.channel,
            by=line.extra.get("by", ""),
        ),
    ), ()


def joined(call: CallState, line: JournalLine) -> Folded:
    """The channel talks to another: from here on there is something to record."""
    for recording in call.recordings.values():
        if recording.channel == line.uniqueid and recording.talk_at is None:
            call = _put(call, replace(recording, talk_at=line.at))
    return call, ()


def close(call: CallState, line: JournalLine) -> Folded:
    recording = call.recordings.get(line.extra.get("f", ""))
    if recording is None or recording.closed_at is not None:
        return call, ()
    return _put(call, replace(recording, closed_at=line.at)), ()


def settle(call: CallState) -> Folded:
    """Tell of closed recordings, each after the end of the talk that is in it.

    One that nobody talked into is forgotten.
    """
    facts: list[Fact] = []
    for recording in call.recordings.values():
        if recording.closed_at is not None and not _is_talking(call, recording.closed_at):
            call, found = _tell(call, recording, recording.closed_at)
            facts += found
    return call, tuple(facts)


def end(call: CallState, at: Ms) -> Folded:
    """The call is over; what the engine could not close any more is told as it is."""
    facts: list[Fact] = []
    for recording in call.recordings.values():
        call, found = _tell(call, recording, recording.closed_at or at)
        facts += found
    return call, tuple(facts)


def _is_talking(call: CallState, closed_at: Ms) -> bool:
    """The end of a leg or of a user's own call comes shortly after, in a record of its own."""
    parts = (*call.legs.values(), *((call.outgoing,) if call.outgoing else ()))
    return any(
        part.answered_at is not None and part.answered_at <= closed_at and part.ended_at is None
        for part in parts
    )


def _tell(call: CallState, recording: Recording, at: Ms) -> Folded:
    others = {key: kept for key, kept in call.recordings.items() if key != recording.id}
    call = replace(call, recordings=others)
    if recording.talk_at is None:
        return call, ()
    outgoing = call.outgoing if recording.by.endswith("/out") else None
    return call, (RecordingClosed(info(call), recording, at, outgoing),)


def _put(call: CallState, recording: Recording) -> CallState:
    return replace(call, recordings={**call.recordings, recording.id: recording})
