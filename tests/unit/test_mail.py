"""Emails: composed so that no caller's text can add a header, sent, retried, given up."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hookswitch.app.configuration.live import Live
from hookswitch.app.line.messages import MessageKeeper
from hookswitch.config.check import parse
from hookswitch.mail.smtp import MailError, SmtpSettings, compose, send
from hookswitch.mail.worker import LADDER_MS, MailWorker
from hookswitch.media.links import Links
from hookswitch.media.prompts import Prompts
from hookswitch.model.calls import Party
from hookswitch.model.events import Event
from hookswitch.model.facts import CallInfo, VoicemailLeft
from hookswitch.model.ids import CallId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.model.media import NewEmail
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore
from kit.documents import MINIMAL
from kit.mailbox import Mailbox, mail_server

EVENT = EventId("evt_mail")
EMAIL = NewEmail(
    event=EVENT,
    recipients="a@example.com, b@example.com",
    subject="From Jane",
    message="Hello",
    audio="x.wav",
)


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, SmtpSettings]]:
    async with mail_server() as made:
        yield made


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(tmp_path / "db")
    event = Event(id=EVENT, type="voicemail", call=CallId("c"), revision=1, at=1, body=b"{}")
    await store.commit(Batch(node="n1", cursor=Cursor(), events=[event], emails=[EMAIL], at=1))
    yield store
    await store.close()


def test_text_of_a_caller_cannot_add_a_header() -> None:
    hostile = NewEmail(
        event=EVENT,
        recipients="a@example.com",
        subject="x\r\nBcc: everybody@example.com\r\n\r\nbody",
        message="line\r\n.\r\nQUIT",
        audio="x.wav",
    )
    raw = compose(hostile, "pbx@example.com", None).as_bytes()
    head = raw.split(b"\n\n")[0]
    assert b"\nBcc:" not in head
    assert b"Subject: x Bcc: everybody@example.com body" in head


async def test_all_recipients_get_it_with_the_audio(
    mailbox: tuple[Mailbox, SmtpSettings], tmp_path: Path
) -> None:
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    await send(EMAIL, mailbox[1], tmp_path)
    (envelope,) = mailbox[0].taken
    assert envelope.rcpt_tos == ["a@example.com", "b@example.com"]
    assert b"UklGRg==" in envelope.content


async def test_audio_that_is_gone_does_not_keep_the_email_back(
    mailbox: tuple[Mailbox, SmtpSettings], tmp_path: Path
) -> None:
    await send(EMAIL, mailbox[1], tmp_path)
    assert b"audio/wav" not in mailbox[0].taken[0].content


@pytest.mark.parametrize(
    ("answer", "permanent"), [("451 later", False), ("554 never", True), ("552 too large", True)]
)
async def test_what_the_server_says_decides(
    mailbox: tuple[Mailbox, SmtpSettings], tmp_path: Path, answer: str, *, permanent: bool
) -> None:
    mailbox[0].answer = answer
    with pytest.raises(MailError) as caught:
        await send(EMAIL, mailbox[1], tmp_path)
    assert caught.value.permanent is permanent


async def test_no_server_is_no_final_word(tmp_path: Path) -> None:
    with pytest.raises(MailError, match="cannot be reached") as caught:
        await send(EMAIL, SmtpSettings(host="127.0.0.1", port=9, tls="none"), tmp_path)
    assert not caught.value.permanent


async def test_a_refusing_server_is_tried_again_and_then_takes_it(
    mailbox: tuple[Mailbox, SmtpSettings], store: SqliteStore, tmp_path: Path
) -> None:
    sent: list[EventId] = []
    now = [1000]

    async def on_sent(email: NewEmail) -> None:
        sent.append(email.event)

    def clock() -> int:
        return now[0]

    mailbox[0].answer = "451 later"
    results: list[str] = []
    worker = MailWorker(store, mailbox[1], tmp_path, clock, on_sent, on_result=results.append)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while True:
            claim = await store.next_email(1000 + LADDER_MS[0])
            if claim and claim.failures == 1:
                break
            await asyncio.sleep(0.01)
    assert await store.next_email(1000 + LADDER_MS[0] - 1) is None
    mailbox[0].answer = "250 OK"
    now[0] += LADDER_MS[0]
    worker.wake()
    async with asyncio.timeout(60):
        while not sent:
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert sent == [EVENT]
    assert results == ["put_off", "sent"]
    assert await store.emails_waiting() == 0


async def test_a_final_refusal_is_kept_as_failed(
    mailbox: tuple[Mailbox, SmtpSettings], store: SqliteStore, tmp_path: Path
) -> None:
    async def on_sent(_email: NewEmail) -> None:
        raise AssertionError

    mailbox[0].answer = "554 never"
    results: list[str] = []
    worker = MailWorker(
        store, mailbox[1], tmp_path, lambda: 1000, on_sent, on_result=results.append
    )
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(60):
        while await store.emails_waiting():
            await asyncio.sleep(0.01)
    worker.stop()
    await running
    assert results == ["failed"]


async def test_the_same_batch_twice_queues_one_email(store: SqliteStore) -> None:
    await store.commit(Batch(node="n1", cursor=Cursor(), emails=[EMAIL], at=2))
    assert await store.emails_waiting() == 1


@pytest.mark.parametrize("mails", [True, False])
def test_without_a_mail_server_nothing_is_queued(tmp_path: Path, *, mails: bool) -> None:
    """It would keep its call from being forgotten, and go out whenever a server is set."""
    document = {**MINIMAL, "mailboxes": [{"box": "10", "name": "Office", "pin": "1234"}]}
    box = {
        "id": "box",
        "kind": "voicemail",
        "name": "Box",
        "box": "10",
        "emails": ["a@example.com"],
    }
    document["flows"] = [{"name": "Office", "objects": [box]}]
    live = Live()
    live.set(1, parse(document))
    call = CallInfo(
        id=CallId("n1b1-1.1"), started_at=1, caller=Party(), dest_number="1", revision=1
    )
    left = VoicemailLeft(call=call, node="box", file=str(tmp_path / "msg0000"), ordinal=1, at=1)
    (tmp_path / "msg0000.wav").write_bytes(b"audio")
    links = Links(b"k" * 32, "http://localhost")
    keeper = MessageKeeper(tmp_path, tmp_path, links, live, Prompts(tmp_path), mails=mails)
    extras = keeper.extras([left])
    assert [media.call for media in extras.media] == ["n1b1-1.1"]
    assert [email.recipients for email in extras.emails] == ["a@example.com"] * mails
