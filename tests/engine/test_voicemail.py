"""Voicemail on real calls: the event, the audio behind its link, emails, a mailbox by phone."""

import asyncio
import io
import json
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.audio import until_said
from support.inbox import Inbox, mail_server
from support.serving import PASSWORD, Serving, device, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.phone import NOTHING, Call, Phone, tone
from hookswitch.phone.message import Request
from hookswitch.receiver import parse

NUMBER = "61300000005"
SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
TRIGGERS = ["user_inbound", "user_inbound_completed", "voicemail"]


@pytest.fixture(scope="module")
async def inbox() -> AsyncIterator[tuple[Inbox, int]]:
    async with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
async def office(
    engine: Engine, inbox: tuple[Inbox, int], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    data = tmp_path_factory.mktemp("voicemail")
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": inbox[1], "smtp_tls": "none"}
    async with serving(data, **smtp) as office:
        office.server.prompts.add("welcome", _wav(400))
        await office.apply(_document(office))
        yield office


def _document(office: Serving) -> str:
    user = {"name": "Alice", "extension": "1001", "ring_time": 1, "mailbox": "1001"}
    box = {"box": "1001", "name": "Alice", "pin": "4321"}
    flow = [
        {"id": "number", "kind": "number", "name": "Number", "numbers": [NUMBER],
         "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001",
         "outputs": {"no_answer": "hello", "offline": "hello"}},
        {"id": "hello", "kind": "playback", "name": "Hello", "prompt": "welcome",
         "outputs": {"next": "box"}},
        {"id": "box", "kind": "voicemail", "name": "Box", "box": "1001", "greeting": "prompt",
         "prompt": "welcome", "emails": ["office@example.com", "alice@example.com"],
         "subject": "Message from {caller_id}", "message": "{caller_name} {caller_id} {box}",
         "outputs": {"done": "after"}},
        {"id": "after", "kind": "webhook", "name": "After the message",
         "url": office.receiver.url("/after"), "secret_token": "t", "signing_secret": SIGNING},
    ]  # fmt: skip
    webhook = {"name": "crm", "url": office.receiver.url("/crm"), "secret_token": "t",
               "signing_secret": SIGNING, "triggers": TRIGGERS}  # fmt: skip
    return office.document(
        users=[{**user, "devices": [device("1001")]}],
        mailboxes=[box],
        flows=[{"name": "Office", "objects": flow}],
        webhooks=[webhook],
    )


def _wav(milliseconds: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(b"\x10\x20" * (8 * milliseconds))
    return out.getvalue()


async def _leave_message(office: Serving, seconds: float, *, caller: str, end: str = "") -> None:
    """Call, wait out the prompts, talk, and hang up (or press `end` and wait for the end).

    For no seconds it is hung up in the greeting. A message is a file from its beginning on.
    """
    box = office.server.supervisor.layout.spool / "voicemail/default/1001"
    before = set(box.glob("*/*.wav"))
    call = await office.carrier.call(NUMBER, caller=caller, name="Jane {box}", sound=tone(500))
    await call.answered()
    if seconds:
        async with asyncio.timeout(60):
            while set(box.glob("*/*.wav")) <= before:
                await asyncio.sleep(0.02)
        await until_said(call, seconds)
    else:
        await asyncio.sleep(0.4)
    if end:
        await call.dtmf(end)
        await call.ended()
    else:
        await call.hang_up()


async def _webhooks(office: Serving, caller: str, count: int) -> list[dict[str, Any]]:
    def came() -> list[dict[str, Any]]:
        events = [request.event for request in office.receiver.requests]
        return [e for e in events if caller in (e.get("caller_id"), e.get("user_number"))]

    await office.receiver.until(lambda: len(came()) >= count)
    await asyncio.sleep(0.5)
    return came()


async def test_the_lamp_is_on_until_the_message_was_heard(office: Serving) -> None:
    """What the phone is notified of: as it registers, as a message comes, as it is heard.

    First of all: it hears whatever the others leave.
    """
    who = {"server": office.sip, "password": PASSWORD, "sound": NOTHING, "record": True}
    async with Phone("1001", **who) as alice:
        await alice.register()
        before = await _lamp(alice, lambda new: new >= 0)
        await _leave_message(office, 3, caller="61400000008", end="#")
        assert await _lamp(alice, lambda new: new > before) == before + 1
        call = await alice.call("*97")
        await call.answered()
        for number in range(before + 1):
            await call.dtmf("6" if number else "1")  # the next one; the first new one
            await _heard(call)
        await call.hang_up()
        assert await _lamp(alice, lambda new: new == 0) == 0


async def test_a_message_gives_its_event_its_audio_and_its_email(
    office: Serving, inbox: tuple[Inbox, int]
) -> None:
    await _leave_message(office, 4, caller="61400000001")
    events = await _webhooks(office, "61400000001", 2)
    assert [event["type"] for event in events] == ["user_inbound_completed", "voicemail"]
    event = events[1]
    assert parse(office.receiver.at("/crm")[-1].body)["type"] == "voicemail"
    assert event["emails"] == "office@example.com, alice@example.com"
    assert event["email_subject"] == "Message from 61400000001"
    assert event["email_message"] == "Jane {box} 61400000001 1001"
    (link,) = event["audio_file"]
    async with aiohttp.ClientSession() as client:
        await _plays(client, link)
        await _revoked(client, office, link)
    message = await inbox[0].message("Message from 61400000001")
    assert message["To"] == "office@example.com, alice@example.com"
    (text, attached) = message.get_payload()
    assert text.get_payload().strip() == "Jane {box} 61400000001 1001"
    assert _seconds(attached.get_payload(decode=True)) >= 3


async def _plays(client: aiohttp.ClientSession, link: str) -> None:
    async with client.get(link) as answer:
        audio = await answer.read()
        assert answer.status == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert _seconds(audio) >= 3
    async with client.get(link, headers={"Range": "bytes=10-19"}) as answer:
        assert answer.status == 206
        assert await answer.read() == audio[10:20]


async def _revoked(client: aiohttp.ClientSession, office: Serving, link: str) -> None:
    event = office.receiver.at("/crm")[-1].id
    headers = {"Authorization": f"Bearer {office.server.data.token()}"}
    revoke = f"{office.server.web.url}/api/media/{event}/revoke"
    async with client.post(revoke) as answer:
        assert answer.status == 401
    async with client.post(revoke, headers=headers) as answer:
        assert answer.status == 204
    async with client.get(link) as answer, client.get(link[:-1]) as unknown:
        assert answer.status == unknown.status == 404
        assert await answer.read() == await unknown.read()


async def test_the_key_ends_a_message_and_the_flow_goes_on(office: Serving) -> None:
    await _leave_message(office, 3, caller="61400000002", end="#")
    events = await _webhooks(office, "61400000002", 3)
    assert sorted(event["type"] for event in events) == [
        "user_inbound_completed", "voicemail", "webhook_component_event",
    ]  # fmt: skip


@pytest.mark.parametrize(("seconds", "caller"), [(0, "61400000003"), (0.5, "61400000004")])
async def test_no_event_for_a_hang_up_in_the_greeting_or_a_short_message(
    office: Serving, seconds: float, caller: str
) -> None:
    await _leave_message(office, seconds, caller=caller)
    events = await _webhooks(office, caller, 1)
    assert [event["type"] for event in events] == ["user_inbound_completed"]


async def test_a_box_is_opened_by_its_owners_phone(office: Serving) -> None:
    """*97 asks for no box and no PIN; the phone's lamp is on while there are messages."""
    await _leave_message(office, 3, caller="61400000005")
    await _webhooks(office, "61400000005", 2)
    async with office.phone("1001") as alice:
        await alice.register()
        call = await alice.call("*97")
        await call.answered()
        await asyncio.sleep(2)
        listened = await office.server.supervisor.ami.command("core show channels concise")
        assert "VoiceMailMain!1001@default" in listened
        await call.dtmf("#")
        await call.hang_up()
    shown = await office.server.supervisor.ami.command("voicemail show users")
    assert "1001" in shown


async def _heard(call: Call) -> None:
    """Wait until the tone of `_leave_message` is played: 16 samples, over and over."""
    begin, period = len(call.media.recorded()), 2 * 16
    async with asyncio.timeout(60):
        while True:
            last = call.media.recorded()[begin:][-1600:]
            if len(last) == 1600 and last[period:] == last[:-period] and any(last):
                return
            await asyncio.sleep(0.05)


async def _lamp(phone: Phone, is_it: Callable[[int], bool]) -> int:
    """Wait for a notice whose number of new messages is as wanted, and give the number."""
    async with asyncio.timeout(60):
        while True:
            new = [_new_messages(notice) for notice in phone.notices]
            if new and is_it(new[-1]):
                return new[-1]
            await asyncio.sleep(0.05)


def _new_messages(notice: Request) -> int:
    assert notice.get("Event") == "message-summary"
    assert notice.get("Content-Type") == "application/simple-message-summary"
    said = dict(line.split(": ", 1) for line in notice.body.decode().splitlines() if line)
    new = int(said["Voice-Message"].split("/")[0])
    assert said["Messages-Waiting"] == ("yes" if new else "no")
    return new


async def test_a_message_is_sent_to_the_boxs_owner_and_deleted(
    office: Serving, inbox: tuple[Inbox, int]
) -> None:
    document = json.loads(_document(office))
    document["users"][0]["email"] = "owner@example.com"
    box = next(node for node in document["flows"][0]["objects"] if node["id"] == "box")
    box |= {"delete_after_sending": True, "emails": []}
    await office.apply(json.dumps(document))
    folder = office.server.supervisor.layout.spool / "voicemail/default/1001/INBOX"
    before = sorted(folder.glob("msg*.wav"))
    await _leave_message(office, 3, caller="61400000006", end="#")
    message = await inbox[0].message("Message from 61400000006")
    assert message["To"] == "owner@example.com"
    for _ in range(100):
        if sorted(folder.glob("msg*.wav")) == before:
            break
        await asyncio.sleep(0.05)
    assert sorted(folder.glob("msg*.wav")) == before
    (event,) = (e for e in await _webhooks(office, "61400000006", 3) if e["type"] == "voicemail")
    assert event["emails"] == "owner@example.com"
    async with aiohttp.ClientSession() as client, client.get(event["audio_file"][0]) as answer:
        assert answer.status == 200


def _seconds(wav: bytes) -> float:
    with wave.open(io.BytesIO(wav), "rb") as audio:
        return audio.getnframes() / audio.getframerate()


def test_the_data_directory_holds_no_readable_file_of_others(office: Serving) -> None:
    media: Path = office.server.data.media
    assert media.stat().st_mode & 0o077 == 0
