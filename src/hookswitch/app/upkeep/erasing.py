"""A caller's personal data taken out of calls, events, answers, emails and audio."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from hookswitch.api.ports import Refused
from hookswitch.model.calls import CallState, Party
from hookswitch.model.events import Event
from hookswitch.model.ids import EventId
from hookswitch.store.port import Store
from hookswitch.store.rows import CallFilter, Erasure

AT_ONCE: Final = 100
CALLER: Final = ("caller_id", "caller_name")
TEXTS: Final = ("email_subject", "email_message")


async def erase(store: Store, media: Path, number: str) -> Mapping[str, int]:
    """Every ended call from or to the number; tells how many, and how many are still open."""
    bare = bare_number(number)
    done = {"calls": 0, "events": 0, "audio": 0, "open": 0}
    done["open"] = len(await store.calls(CallFilter(number=bare, outcome="open"), limit=1000))
    before = None
    while calls := await store.calls(CallFilter(number=bare), before=before, limit=AT_ONCE):
        before = (calls[-1].started_at, calls[-1].id)
        over = [call for call in calls if call.ended_at is not None]
        await _erase_page(store, media, bare, over, done)
    return done


def bare_number(number: str) -> str:
    bare = number.lstrip("+")
    if not bare or bare.endswith("*"):  # which would be all that begin so
        raise Refused(422, "Not a number", "write the number as it is listed, such as +61400000001")
    return bare


async def _erase_page(
    store: Store, media: Path, number: str, calls: Sequence[CallState], done: dict[str, int]
) -> None:
    erasures, files = [], []
    for call in calls:
        events = await store.events(call.id)
        kept = [await store.media_of(EventId(event.id)) for event in events]
        files += [media / one.path for one in kept if one is not None]
        bodies = {EventId(event.id): without(event, call, number) for event in events}
        erasures.append(Erasure(call=_anonymous(call, number), bodies=bodies))
        done["events"] += len(events)
    await store.erase(erasures)
    done["calls"] += len(erasures)
    done["audio"] += await asyncio.to_thread(_delete, files)


def _anonymous(call: CallState, number: str) -> CallState:
    if _is(call.caller.number, number):
        call = replace(call, caller=Party())
    return replace(call, dest_number="") if _is(call.dest_number, number) else call


def without(event: Event, call: CallState, number: str) -> bytes:
    """The event's body with every trace of the number, and of its name as a caller, taken out."""
    body: dict[str, Any] = msgspec.json.decode(event.body)
    names = ["dest_number", "caller_id", "user_number"]
    gone = [name for name in names if _is(body.get(name), number)]
    if _is(call.caller.number, number):
        gone += CALLER
        if event.type == "webhook_component_event":  # there it is the caller's
            gone += ["user_name", "user_number"]
    for name in gone:
        if name in body:
            body[name] = ""
    for name in TEXTS:
        if name in body:
            body[name] = ""
    return msgspec.json.encode(body)


def _is(said: object, number: str) -> bool:
    return isinstance(said, str) and said.lstrip("+") == number


def _delete(files: Sequence[Path]) -> int:
    count = 0
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            count += 1
    return count
