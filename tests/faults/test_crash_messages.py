"""Our process killed while a phone rings that nobody answers, and while a message is left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from crash_rig import PATIENCE_S, Rig, rig

from hookswitch.phone import tone
from hookswitch.phone.behaviour import ring_only

MESSAGE_S = 4.0
UNANSWERED = ["user_inbound", "user_inbound_completed", "webhook_component_event"]
VOICEMAIL = """\
      - id: goodbye
        kind: voicemail
        name: Box
        box: "1001"
        greeting: default

mailboxes:
  - box: "1001"
    name: Alice
    pin: "4321"
"""


@pytest.fixture
async def unanswered(tmp_path: Path) -> AsyncIterator[Rig]:
    """The example: nobody answers, so the flow passes its Webhook object and ends."""
    async with rig(tmp_path / "r") as made:
        made.alice.on_call = ring_only()
        yield made


@pytest.fixture
async def voicemail(tmp_path: Path) -> AsyncIterator[Rig]:
    """The example with a mailbox behind its Webhook object."""
    async with rig(tmp_path / "r", start=False) as made:
        head, _, rest = made.document.read_text("utf-8").partition("      - id: goodbye\n")
        tail = rest[rest.index("webhooks:") :]
        text = head + VOICEMAIL + "\n" + tail.replace("[user_inbound,", "[voicemail, user_inbound,")
        made.document.write_text(text, "utf-8")
        await made.start()
        await made.register()
        made.alice.on_call = ring_only()
        yield made
        made.alice.deaf = True
        await made.end()


async def killed(up: Rig) -> None:
    up.child.kill()
    await up.child.wait()


async def test_killed_while_a_phone_rings_that_nobody_answers(unanswered: Rig) -> None:
    call = await unanswered.dial()
    await call.ringing()
    await unanswered.until(lambda: len(unanswered.received) == 1, PATIENCE_S)
    await killed(unanswered)
    await call.ended()
    await unanswered.start()
    await unanswered.until(unanswered.settled, PATIENCE_S)
    sent = unanswered.sent()
    assert sorted(each.type for each in sent) == UNANSWERED
    assert {(each.id, each.body) for each in sent} == unanswered.expected({sent[0].call})


async def test_killed_while_a_message_is_left(voicemail: Rig) -> None:
    """The link in the event, made by the process that came after, leads to the whole message."""
    voicemail.carrier.sound = tone(500)
    call = await voicemail.dial()
    await call.answered()
    await asyncio.sleep(MESSAGE_S / 2)
    await killed(voicemail)
    # the engine's own words before the beep take most of the time
    await asyncio.sleep(MESSAGE_S * 3)
    await call.hang_up()
    await voicemail.start()
    await voicemail.until(voicemail.settled, PATIENCE_S)
    sent = voicemail.sent()
    assert sorted(each.type for each in sent) == [*UNANSWERED[:2], "voicemail", UNANSWERED[2]]
    assert {each.id for each in sent} == {i for i, _ in voicemail.expected({sent[0].call})}
    (event,) = (r.document for r in voicemail.received if r.document["type"] == "voicemail")
    (link,) = event["audio_file"]
    audio = await asyncio.to_thread(_fetch, link)
    assert len(audio) > MESSAGE_S * 8000
    assert audio[:4] == b"RIFF"


def _fetch(link: str) -> bytes:
    with urlopen(link, timeout=60) as answer:
        return bytes(answer.read())
