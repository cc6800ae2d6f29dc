"""Every voice of a recorded call is in its recording, whoever takes it over, in both formats; and
the caller hears it.

Real engine and real phones; every way is played at the same time, once per format.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.audio import Audio, decode, received
from support.serving import Serving, device, serving
from support.voices import OWN, TALK_S, WAYS, A, B, C, Phones

from hookswitch.asterisk.engine import Engine
from hookswitch.phone.sdp import ALAW

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
FORMATS = {
    "wav": (tuple(WAYS), 0.6 * TALK_S),
    "opus": (
        ("attended", "twice", "blind", "parked", "picked up", "next in the flow"),
        0.2 * TALK_S,
    ),
}
"""The ways, and for how long each voice must be heard: a busy engine leaves out what it has not
encoded as Opus when somebody else takes over.
"""
Heard = Mapping[tuple[str, str], Audio]


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("voices")) as office:
        await office.engine_says("module load res_convert.so")
        yield office


@pytest.fixture(scope="module")
async def heard(office: Serving, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """The recording of each way in each format, decoded."""
    audios = {}
    for form, (ways, _) in FORMATS.items():
        bodies = await _play(office, form, ways)
        if form == "opus":
            place = tmp_path_factory.mktemp(form)
            bodies = [await _decoded(office, place / f"{n}.opus", b) for n, b in enumerate(bodies)]
        audios |= {(form, way): decode(body) for way, body in zip(ways, bodies, strict=True)}
    return audios


async def _play(office: Serving, form: str, names: Sequence[str]) -> Sequence[bytes]:
    first = len(WAYS) * [*FORMATS].index(form)
    ways = {way: Phones(office, place) for place, way in enumerate(names, first)}
    await office.apply(_document(office, ways, form))
    await asyncio.gather(*(phones.start() for phones in ways.values()))
    await asyncio.gather(*(WAYS[way][0](phones) for way, phones in ways.items()))
    bodies = [await _recording(office, phones, way) for way, phones in ways.items()]
    await asyncio.gather(*(phones.close() for phones in ways.values()))
    return bodies


def _document(office: Serving, ways: Mapping[str, Phones], form: str | None) -> str:
    users, flow = [], []
    for way, phones in ways.items():
        for hertz in (A, B, C):
            user = phones.user(hertz)
            own = {"record_inbound": True} if way in OWN and hertz == B else {}
            users.append({"name": user, "extension": user, "devices": [device(user)], **own})
        a, b = phones.user(A), phones.user(B)
        flow += [
            {"id": f"n{a}", "kind": "number", "name": f"n{a}", "numbers": [phones.number],
             "record": form is not None and way not in OWN, "outputs": {"next": f"a{a}"}},
            {"id": f"a{a}", "kind": "user", "name": f"a{a}", "user": a,
             "outputs": {"ended": f"q{a}"}},
            {"id": f"q{a}", "kind": "queue", "name": f"q{a}", "members": [{"user": b}]},
        ]  # fmt: skip
    webhook = {"name": "crm", "url": office.receiver.url("/crm"), "secret_token": "t",
               "signing_secret": SIGNING, "triggers": ["recording_inbound"]}  # fmt: skip
    return office.document(
        users=users,
        flows=[{"name": "Office", "objects": flow}],
        webhooks=[webhook],
        recordings={"format": form or "wav"},
    )


async def _recording(office: Serving, phones: Phones, way: str) -> bytes:
    caller = phones.user(A) if way in OWN else phones.caller

    def came() -> list[Any]:
        return [r for r in office.receiver.at("/crm") if r.event["caller_id"] == caller]

    assert await office.receiver.until(lambda: came() != []), way
    async with (
        aiohttp.ClientSession() as client,
        client.get(came()[0].event["call_recording_link"]) as answer,
    ):
        assert answer.status == 200
        return await answer.read()


async def _decoded(office: Serving, path: Path, opus: bytes) -> bytes:
    """The engine itself decodes it: no other decoder is at hand."""
    await asyncio.to_thread(path.write_bytes, opus)
    said = await office.engine_says(f"file convert {path} {path.with_suffix('.wav')}")
    assert path.with_suffix(".wav").exists(), said
    return await asyncio.to_thread(path.with_suffix(".wav").read_bytes)


@pytest.mark.parametrize(
    ("form", "way"), [(form, way) for form, (ways, _) in FORMATS.items() for way in ways]
)
def test_every_voice_is_heard(heard: Heard, form: str, way: str) -> None:
    seconds = {hertz: heard[form, way].heard(hertz) for hertz in WAYS[way][1]}
    assert min(seconds.values()) >= FORMATS[form][1], seconds


async def test_the_caller_hears_who_takes_over_whatever_their_codecs(office: Serving) -> None:
    """The users' phones speak A-law, the trunk mu-law, and nothing is recorded."""
    names = ("attended", "by the consultation", "twice", "while it rings", "parked in person")
    ways = {way: Phones(office, 2 * len(WAYS) + n, ALAW) for n, way in enumerate(names)}
    await office.apply(_document(office, ways, form=None))
    await asyncio.gather(*(phones.start() for phones in ways.values()))
    await asyncio.gather(*(WAYS[way][0](phones) for way, phones in ways.items()))
    await asyncio.gather(*(phones.close() for phones in ways.values()))
    for way, phones in ways.items():
        heard = received(phones.calls[0])
        seconds = {hertz: heard.heard(hertz) for hertz in WAYS[way][1][1:]}
        assert min(seconds.values()) >= 0.6 * TALK_S, (way, seconds)
