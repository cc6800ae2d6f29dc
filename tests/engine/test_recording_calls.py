"""Recordings on real calls, beyond the table: formats, emails, links, too little room."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.audio import Audio, decode, until_heard, until_said
from support.inbox import Inbox, mail_server
from support.serving import Serving, device, serving

from hookswitch.asterisk import control
from hookswitch.asterisk.engine import Engine
from hookswitch.phone import Call, Phone, tone
from hookswitch.phone.behaviour import answer_after

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WAV, MAILED, ONWARD = "61300000001", "61300000002", "61300000003"
OUTSIDE = "0400000001"
TALK_S = 1.5
MORE_S = 0.5
"""A talk is so much longer than what must be heard of it: its ends may be lost."""
MB = 1 << 20
LOW_MARKS = {"disk_stop_recordings_mb": 40, "disk_refuse_calls_mb": 20, "disk_ballast_mb": 0}


@pytest.fixture(scope="module")
async def inbox() -> AsyncIterator[tuple[Inbox, int]]:
    async with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
async def office(
    engine: Engine, inbox: tuple[Inbox, int], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": inbox[1], "smtp_tls": "none"}
    async with serving(tmp_path_factory.mktemp("recordings"), **smtp, **LOW_MARKS) as office:
        office.server.disk._free = lambda _place: 100 * MB
        yield office


@pytest.fixture
async def alice(office: Serving) -> AsyncIterator[Phone]:
    """Applies WAV, and has Alice's phone there."""
    await office.apply(_document(office))
    async with office.phone("1001", tone(800)) as phone:
        phone.on_call = answer_after(0.2)
        await phone.register()
        yield phone


def _document(office: Serving, **others: Any) -> str:
    mailed = {"emails": ["boss@example.com"], "subject": "Call of {caller_name}",
              "message": "{caller_id} {dest_number} {link}", "attach_audio": True}  # fmt: skip
    flow = [
        {"id": "one", "kind": "number", "name": "One", "numbers": [WAV], "record": True,
         "outputs": {"next": "alice"}},
        {"id": "two", "kind": "number", "name": "Two", "numbers": [MAILED], "record": mailed,
         "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
        {"id": "three", "kind": "number", "name": "Three", "numbers": [ONWARD], "record": True,
         "outputs": {"next": "first"}},
        {"id": "first", "kind": "user", "name": "First", "user": "1001",
         "outputs": {"ended": "then"}},
        {"id": "then", "kind": "external_number", "name": "Then", "number": OUTSIDE},
    ]  # fmt: skip
    webhook = {"name": "crm", "url": office.receiver.url("/crm"), "secret_token": "t",
               "signing_secret": SIGNING,
               "triggers": ["user_inbound_completed", "recording_inbound"]}  # fmt: skip
    return office.document(
        users=[{"name": "Alice", "extension": "1001", "devices": [device("1001")]}],
        flows=[{"name": "Office", "objects": flow}],
        webhooks=[webhook],
        routes=[{"name": "all", "patterns": ["04X."], "trunks": ["carrier"]}],
        **others,
    )


async def _talk(office: Serving, number: str, caller: str) -> Call:
    call = await office.carrier.call(number, caller=caller, name="Jane", sound=tone(500))
    await call.answered()
    await until_said(call, TALK_S + MORE_S)
    await until_heard(call, 800, TALK_S + MORE_S)
    return call


async def _recording(office: Serving, caller: str) -> dict[str, Any]:
    """The recording's event; it is the last of the call, and says so."""

    def came() -> list[Any]:
        return [r for r in office.receiver.at("/crm") if r.event["caller_id"] == caller]

    await office.receiver.until(lambda: len(came()) >= 2)
    completed, recorded = came()
    assert completed.event["type"] == "user_inbound_completed"
    assert recorded.event["type"] == "recording_inbound"
    assert "x-hookswitch-final" not in completed.headers
    event: dict[str, Any] = recorded.event
    return event


async def _get(link: str, **headers: str) -> tuple[int, str, bytes]:
    async with aiohttp.ClientSession() as client, client.get(link, headers=headers) as answer:
        return answer.status, answer.content_type, await answer.read()


def _both_are_heard(audio: Audio, seconds: float) -> bool:
    return all(audio.heard(hertz) >= 0.9 * seconds for hertz in (500, 800))


@pytest.mark.usefixtures("alice")
async def test_the_link_leads_to_wav_and_nothing_is_left_in_the_spool(office: Serving) -> None:
    await (await _talk(office, WAV, "61400000001")).hang_up()
    event = await _recording(office, "61400000001")
    status, kind, body = await _get(event["call_recording_link"])
    assert (status, kind) == (200, "audio/wav")
    assert _both_are_heard(decode(body), TALK_S)
    status, _, part = await _get(event["call_recording_link"], Range="bytes=100-199")
    assert (status, part) == (206, body[100:200])
    assert list(office.server.supervisor.layout.recordings.iterdir()) == []
    revoke = f"{office.server.web.url}/api/media/{office.receiver.at('/crm')[-1].id}/revoke"
    token = {"Authorization": f"Bearer {office.server.data.token()}"}
    async with aiohttp.ClientSession() as client, client.post(revoke, headers=token) as answer:
        assert answer.status == 204
    assert (await _get(event["call_recording_link"]))[0] == 404


@pytest.mark.usefixtures("alice")
async def test_it_is_mailed(office: Serving, inbox: tuple[Inbox, int]) -> None:
    await (await _talk(office, MAILED, "61400000002")).hang_up()
    event = await _recording(office, "61400000002")
    link = event["call_recording_link"]
    assert event["emails"] == "boss@example.com"
    assert event["email_subject"] == "Call of Jane"
    assert event["email_message"] == f"61400000002 {MAILED} {link}"
    message = await inbox[0].message("Call of Jane")
    text, attached = message.get_payload()
    assert text.get_payload(decode=True).decode().strip() == event["email_message"]
    assert attached.get_filename() == "audio.wav"
    assert _both_are_heard(decode(attached.get_payload(decode=True)), TALK_S)


@pytest.mark.parametrize("way", ["an object", "a blind transfer"])
async def test_who_is_called_outside_after_a_first_talk_is_heard_too(
    office: Serving, alice: Phone, way: str
) -> None:
    async def speak(call: Call) -> None:
        await answer_after()(call)
        await call.play(b"".join(tone(1100)) * 50)

    async def hand_over(call: Call) -> None:
        await answer_after()(call)
        await until_said(call, 1.2)
        await (call.hang_up() if way == "an object" else call.transfer(OUTSIDE))

    office.carrier.on_call, alice.on_call = speak, hand_over
    number, caller = (ONWARD, "61400000007") if way == "an object" else (WAV, "61400000008")
    call = await office.carrier.call(number, caller=caller, sound=tone(500))
    await call.answered()
    await until_heard(call, 1100, 1.4)
    await call.hang_up()
    link = (await _recording(office, caller))["call_recording_link"]
    audio = decode((await _get(link))[2])
    assert audio.heard(800) >= 0.8
    assert audio.heard(1100) >= 1


@pytest.mark.usefixtures("alice")
async def test_ogg_opus(office: Serving, tmp_path: Path) -> None:
    """The engine itself decodes it: no other decoder is at hand."""
    await office.apply(_document(office, recordings={"format": "opus"}))
    await (await _talk(office, WAV, "61400000003")).hang_up()
    event = await _recording(office, "61400000003")
    status, kind, body = await _get(event["call_recording_link"])
    assert (status, kind) == (200, "audio/ogg")
    own = f"{office.server.web.url}/api/media/{office.receiver.at('/crm')[-1].id}/audio"
    token = f"Bearer {office.server.data.token()}"
    assert await _get(own, Authorization=token) == (200, "audio/ogg", body)
    encoded, decoded = tmp_path / "a.opus", tmp_path / "a.wav"
    await asyncio.to_thread(encoded.write_bytes, body)
    socket = office.server.supervisor.layout.control
    await control.command(socket, "module load res_convert.so")
    said = await control.command(socket, f"file convert {encoded} {decoded}")
    assert decoded.exists(), said
    assert _both_are_heard(decode(await asyncio.to_thread(decoded.read_bytes)), TALK_S)


@pytest.mark.usefixtures("alice")
async def test_too_little_room_ends_a_recording_and_not_its_call(office: Serving) -> None:
    """What is recorded until then is told; the next call is not recorded at all."""
    monitor = office.server.supervisor.layout.recordings
    call = await _talk(office, WAV, "61400000004")
    office.server.disk._free = lambda _place: 30 * MB
    try:
        (file,) = monitor.iterdir()
        size = -1
        async with asyncio.timeout(60):
            while size != file.stat().st_size:
                size = file.stat().st_size
                await asyncio.sleep(1.1)
        assert call.state == "answered"
        await call.hang_up()
        event = await _recording(office, "61400000004")
        audio = decode((await _get(event["call_recording_link"]))[2])
        assert TALK_S * 0.9 <= audio.heard(500) < call_seconds(call) - 1
        await (await _talk(office, WAV, "61400000005")).hang_up()
        await office.receiver.until(lambda: _kinds(office, "61400000005") != [])
        await asyncio.sleep(0.5)
        assert _kinds(office, "61400000005") == ["user_inbound_completed"]
    finally:
        office.server.disk._free = lambda _place: 100 * MB


def call_seconds(call: Call) -> float:
    return call.moments[-1].epoch - call.moment("received 200").epoch


def _kinds(office: Serving, caller: str) -> list[str]:
    events = [request.event for request in office.receiver.at("/crm")]
    return [event["type"] for event in events if event["caller_id"] == caller]
