"""A person taken out of what is kept."""

from pathlib import Path

import msgspec
import pytest
from store_builders import START, batch, call, event, outcome, take

from hookswitch.api.ports import Refused
from hookswitch.app.upkeep.erasing import erase
from hookswitch.model.calls import Party
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EventId
from hookswitch.model.media import NewEmail, NewMedia
from hookswitch.store.port import Store
from hookswitch.store.rows import CallFilter

NUMBER = "61400000001"


def told(identifier: str, of: str, **body: str) -> Event:
    values = {"type": "voicemail", "caller_id": "+" + NUMBER, "caller_name": "Jane", **body}
    return msgspec.structs.replace(event(identifier, of), body=msgspec.json.encode(values))


async def test_a_caller_is_forgotten_and_the_others_stay(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"audio")
    caller = Party("+" + NUMBER, "Jane")
    jane = msgspec.structs.replace(
        call("a"), caller=caller, dest_number="61300000000", ended_at=START + 9, arrived=True
    )
    other = msgspec.structs.replace(
        call("b"), caller=Party("61400000002", "Joe"), ended_at=START + 9, arrived=True
    )
    media = NewMedia(
        event=EventId("e1"), call=CallId("a"), path="a.wav", token_hash="h", expires_at=2 * START
    )
    email = NewEmail(
        event=EventId("e1"), recipients="x@example.com", subject="Jane", message="", audio="a.wav"
    )
    await store.commit(
        msgspec.structs.replace(
            batch(1, calls=[jane, other], events=[told("e1", "a"), event("e2", "b")]),
            media=[media],
            emails=[email],
        )
    )
    claims = await take(store)
    claim = next(one for one in claims if one.call == "a")
    await store.record([outcome(claim, "failed")])
    done = await erase(store, tmp_path, "+" + NUMBER)
    assert done == {"calls": 1, "events": 1, "audio": 1, "open": 0}
    assert list(await store.calls(CallFilter(number=NUMBER))) == []
    kept = await store.call(CallId("a"))
    assert kept is not None
    assert (kept.caller, kept.dest_number) == (Party(), "61300000000")
    body = msgspec.json.decode(next(e.body for e in await store.events(CallId("a"))))
    assert (body["caller_id"], body["caller_name"], body["type"]) == ("", "", "voicemail")
    [attempt] = await store.attempts(claim.id)
    assert (attempt.response, attempt.detail, attempt.status) == (b"", "", 500)
    assert await store.media_of(EventId("e1")) is None
    assert await store.next_email(2 * START) is None
    assert not (tmp_path / "a.wav").exists()
    assert len(await store.calls(CallFilter(number="61400000002"))) == 1


async def test_an_open_call_is_told_and_left(store: Store, tmp_path: Path) -> None:
    open_call = msgspec.structs.replace(call("a"), caller=Party(NUMBER), ended_at=None)
    await store.commit(batch(1, calls=[open_call]))
    assert (await erase(store, tmp_path, NUMBER))["open"] == 1
    assert len(await store.calls(CallFilter(number=NUMBER))) == 1


async def test_a_number_that_is_none_can_be_erased_but_not_all_that_begin_so(
    store: Store, tmp_path: Path
) -> None:
    odd = 'jane.doe">x'
    ended = msgspec.structs.replace(
        call("a"), caller=Party(odd, "Jane"), ended_at=START + 9, arrived=True
    )
    await store.commit(batch(1, calls=[ended]))
    for refused in ("jane*", "*", "+", ""):
        with pytest.raises(Refused):
            await erase(store, tmp_path, refused)
    assert (await erase(store, tmp_path, odd))["calls"] == 1
    assert list(await store.calls(CallFilter(number=odd))) == []
