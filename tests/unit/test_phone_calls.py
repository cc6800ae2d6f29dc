"""Two phones, no engine: each call is real SIP and RTP over loopback."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hookswitch.phone import (
    NOTHING,
    CallFailed,
    CallState,
    EndedBy,
    Phone,
    PhoneError,
    PhoneTimeoutError,
    RegistrationFailed,
    transaction,
)
from hookswitch.phone.address import parse_address
from hookswitch.phone.behaviour import (
    answer_after,
    by_turns,
    dead,
    hang_up_after,
    one_after_another,
    redirect_to,
    reject_with,
    ring_only,
    ring_then_reject,
)
from hookswitch.phone.call import Call
from hookswitch.phone.message import Request, Response
from hookswitch.phone.session import WITH_SDP
from kit.worker import until


@pytest.fixture
async def alice() -> AsyncIterator[Phone]:
    async with Phone("1001") as phone:
        yield phone


@pytest.fixture
async def bob() -> AsyncIterator[Phone]:
    async with Phone("1002", "127.0.0.2", record=True) as phone:
        yield phone


async def talk(alice: Phone, bob: Phone) -> tuple[Call, Call]:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.answer()
    await call.answered()
    return call, there


async def test_call_ring_answer_and_hang_up(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact, name='Ann "A" Lee', caller="61400000001")
    there = await bob.incoming.get()
    assert (there.remote_number, there.remote_name) == ("61400000001", 'Ann "A" Lee')
    assert there.dialled == call.remote_number == "1002"
    there.ring()
    assert await call.ringing() == 180
    assert call.state is there.state is CallState.RINGING
    there.answer()
    await call.answered()
    await until(lambda: min(call.media.received, there.media.received) >= 5)
    await call.hang_up()
    await there.ended()
    assert (call.state, call.ended_by, call.final_status) == ("ended", EndedBy.LOCAL, 200)
    assert (there.state, there.ended_by, there.final_status) == ("ended", EndedBy.REMOTE, 200)
    assert len(there.media.recorded()) >= 5 * 320
    assert call.moment("received 180").epoch <= call.moment("received 200").epoch
    assert [m.what for m in there.moments] == [
        "received INVITE",
        "sent 180",
        "sent 200",
        "received ACK",
        "received BYE",
    ]


async def test_the_called_side_hangs_up_at_once(alice: Phone, bob: Phone) -> None:
    bob.on_call = answer_after(0, hang_up_after=0)
    call = await alice.call(bob.contact)
    await call.answered()
    await call.ended()
    assert call.ended_by is EndedBy.REMOTE


async def test_cancel(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.ring()
    await call.ringing()
    await call.cancel()
    await there.ended()
    assert call.final_status == there.final_status == 487
    assert (call.ended_by, there.ended_by) == (EndedBy.LOCAL, EndedBy.REMOTE)
    assert call.moments[-1].what == "received 487"


async def test_cancel_before_any_sign_of_life_waits_for_one(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    await call.hang_up()
    there = await bob.incoming.get()
    assert call.final_status == there.final_status == 487
    assert there.moments[1].what == "received CANCEL"


async def test_an_answer_that_crosses_the_cancel_gets_a_bye(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.ring()
    await call.ringing()
    there.answer()
    await call.cancel()
    await there.ended()
    assert there.final_status == 200
    assert there.ended_by is EndedBy.REMOTE


@pytest.mark.parametrize("status", [404, 480, 486, 503, 603])
async def test_a_refusal_is_a_typed_error(alice: Phone, bob: Phone, status: int) -> None:
    bob.on_call = reject_with(status)
    call = await alice.call(bob.contact)
    with pytest.raises(CallFailed) as failed:
        await call.answered()
    assert failed.value.status == call.final_status == status
    with pytest.raises(CallFailed):
        await call.ringing()
    await call.hang_up()


async def test_ring_then_reject_redirect_and_decline(alice: Phone, bob: Phone) -> None:
    bob.on_call = by_turns(
        ring_then_reject(603, after=0.1),
        redirect_to("sip:9@127.0.0.9"),
        one_after_another(ring_only(), hang_up_after(0.1)),
    )
    first, second, third = [await alice.call(bob.contact) for _ in range(3)]
    assert await first.ringing() == 180
    for call, status in ((first, 603), (second, 302), (third, 603)):
        with pytest.raises(CallFailed, match=str(status)):
            await call.answered()


async def test_a_dead_phone_says_nothing(alice: Phone, bob: Phone) -> None:
    bob.on_call = dead()
    call = await alice.call(bob.contact)
    with pytest.raises(PhoneTimeoutError, match=r"not ringing within 0\.8 s; calling after: sent"):
        await call.ringing(0.8)
    assert [moment.what for moment in call.moments] == ["sent INVITE"]


async def test_early_media(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.ring(183)
    assert await call.ringing() == 183
    await until(lambda: call.media.received > 0)
    there.answer()
    await call.answered()


async def test_an_offer_may_come_with_the_answer(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact, offer=False)
    there = await bob.incoming.get()
    there.answer()
    await call.answered()
    await until(lambda: call.media.received > 0)


async def test_hold_and_resume(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    await call.hold()
    assert [there.held, call.held] == [True, False]
    await asyncio.sleep(0.05)
    heard = call.media.received, there.media.received
    await asyncio.sleep(0.1)
    assert (call.media.received, there.media.received) == heard
    await call.resume()
    assert [there.held, call.held] == [False, False]
    await until(lambda: call.media.received > heard[0] and there.media.received > heard[1])
    await there.hold()
    assert call.held


async def test_who_answered_holds_once_that_is_acknowledged(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.answer()
    await there.hold()
    assert call.held
    seen = [moment.what for moment in there.moments]
    assert seen.index("received ACK") < seen.index("sent INVITE")


async def test_both_hold_at_once(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    await asyncio.sleep(0.05)
    results = await asyncio.gather(call.hold(), there.hold(), return_exceptions=True)
    assert {getattr(result, "status", 200) for result in results} <= {200, 491}
    assert call.state is there.state is CallState.ANSWERED


async def test_keys_by_event_and_by_info(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    await call.dtmf("12")
    await call.dtmf("3#", info=True)
    await until(lambda: len(there.digits) == 4)
    assert there.digits == "123#"
    with pytest.raises(PhoneError, match="not all keys"):
        await call.dtmf("x")


async def test_blind_transfer(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    moving = asyncio.create_task(call.transfer("sip:1003@127.0.0.3"))
    await there.session.progress.until(lambda: bool(there.asked.referrals), 60, "referred")
    assert there.asked.referrals == ["<sip:1003@127.0.0.3>"]
    await there.report_transfer(100)
    await there.report_transfer(200)
    await there.hang_up()
    assert await moving == 200
    assert call.state is CallState.ENDED


async def test_a_transfer_that_fails_leaves_the_call_up(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    moving = asyncio.create_task(call.transfer("sip:404@127.0.0.3"))
    await there.session.progress.until(lambda: bool(there.asked.referrals), 60, "referred")
    await there.report_transfer(404)
    with pytest.raises(CallFailed, match="404"):
        await moving
    assert call.state is there.state is CallState.ANSWERED


async def test_attended_transfer_names_the_other_dialog(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    other, far = await talk(alice, bob)
    moving = asyncio.create_task(call.transfer_to(other))
    await there.session.progress.until(lambda: bool(there.asked.referrals), 60, "referred")
    target = parse_address(there.asked.referrals[0]).uri
    assert target.startswith(f"{bob.contact}?Replaces={far.call_id.replace('@', '%40')}%3Bto-tag")
    assert far.session.dialog.local_tag in target
    await there.report_transfer(200)
    assert await moving == 200
    await there.ended()


async def test_hostile_text_is_sent_and_received_as_it_is(alice: Phone, bob: Phone) -> None:
    raw = b'"\xff\xfe \\"${SHELL(id)}\xf0\x9f\x98\x80" <sip:%0d%0a@127.0.0.1>'
    uri = f"sip:1&PJSIP/1001@127.0.0.2:{bob.address[1]}".encode()
    await alice.call(bob.contact, raw_from=raw, raw_uri=uri, headers={"X-Raw": b"\xc3("})
    there = await bob.incoming.get()
    assert there.request.get("From").encode("utf-8", "surrogateescape").startswith(raw + b";tag=")
    assert there.dialled == "1&PJSIP/1001"
    assert there.request.get("X-Raw").encode("utf-8", "surrogateescape") == b"\xc3("
    assert there.remote_name.endswith("${SHELL(id)}\N{GRINNING FACE}")


async def test_requests_outside_any_call(alice: Phone, bob: Phone) -> None:
    async def ask(method: str, to: str = "<sip:x@y>", **headers: str) -> int:
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        request = Request(method, bob.contact)
        request.headers = [
            ("Via", alice.endpoint.via()),
            ("From", "<sip:a@b>;tag=1"),
            ("To", to),
            ("Call-ID", "z"),
            ("CSeq", f"1 {method}"),
            *headers.items(),
        ]

        def take(response: Response) -> None:
            if not answer.done():
                answer.set_result(response.status)

        alice.endpoint.request(request, bob.address, take)
        return await asyncio.wait_for(answer, 60)

    assert await ask("OPTIONS") == 200
    assert await ask("NOTIFY") == 200
    assert await ask("MESSAGE") == 405
    assert await ask("BYE", "<sip:x@y>;tag=gone") == 481
    assert await ask("CANCEL") == 481
    assert await ask("INVITE", Require="100rel") == 420
    bob.deaf = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await ask("OPTIONS")


async def test_a_call_without_common_audio_is_refused(alice: Phone, bob: Phone) -> None:
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    there.request.body = b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 8\r\n"
    with pytest.raises(PhoneError, match="488"):
        there.answer()
    with pytest.raises(CallFailed, match="488"):
        await call.answered()


async def test_what_does_not_fit_the_state_is_refused(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    for wrong in (there.answer, there.reject, there.ring, there.ignore, call.answer):
        with pytest.raises(PhoneError):
            wrong()
    for later in (call.cancel, there.cancel):
        with pytest.raises(PhoneError):
            await later()
    await call.hang_up()
    with pytest.raises(PhoneError, match="ended, not answered"):
        await call.hold()
    with pytest.raises(PhoneError, match="no 'received 486'"):
        call.moment("received 486")
    with pytest.raises(PhoneError, match="has no server"):
        await alice.call("1002")
    with pytest.raises(PhoneError, match="no IPv4"):
        await alice.call("sip:1@example.com")


async def test_a_port_in_use_and_a_phone_not_started(alice: Phone) -> None:
    with pytest.raises(PhoneError, match="cannot bind"):
        await Phone("x", *alice.address).start()
    stopped = Phone("x", server=alice.address)
    for use in (stopped.register, lambda: stopped.call("1")):
        with pytest.raises(PhoneError, match="not started"):
            await use()


async def test_other_requests_inside_a_call(alice: Phone, bob: Phone) -> None:
    call, there = await talk(alice, bob)
    update = call.session.describe().replace(b"sendrecv", b"inactive")
    assert await call.send("UPDATE") == 200
    assert await call.send("UPDATE", [WITH_SDP], update) == 200
    assert there.held
    assert await call.send("UPDATE", [WITH_SDP], b"v=0\r\n") == 488
    assert await call.send("OPTIONS") == 200
    assert await call.send("REFER") == 400
    assert await call.send("MESSAGE") == 405


async def test_nobody_answers(alice: Phone, bob: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transaction, "GIVE_UP", 0.7)
    bob.on_call = dead()
    call = await alice.call(bob.contact)
    with pytest.raises(CallFailed, match="408 no answer"):
        await call.answered()


async def test_an_answer_that_is_never_acknowledged_ends_in_a_bye(
    alice: Phone, bob: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "GIVE_UP", 0.7)
    call = await alice.call(bob.contact)
    there = await bob.incoming.get()
    monkeypatch.setattr(call.session, "acknowledge", lambda *_: None)
    there.answer()
    await there.ended()
    await call.ended()
    assert (there.ended_by, there.reason) == (EndedBy.FAILED, "no ACK")
    assert call.ended_by is EndedBy.REMOTE


async def test_a_closing_phone_hangs_up_unless_it_is_unplugged(alice: Phone) -> None:
    for deaf in (False, True):
        phone = Phone("1003")
        await phone.start()
        call, there = await talk(alice, phone)
        phone.deaf = deaf
        await phone.close()
        assert there.state is CallState.ENDED
        assert (call.state is CallState.ENDED) is not deaf


async def test_a_behaviour_that_fails_is_reported(alice: Phone, bob: Phone) -> None:
    loop = asyncio.get_running_loop()
    seen: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: seen.append(context))

    async def broken(call: Call) -> None:
        call.reject(486)
        raise ValueError

    async def late(call: Call) -> None:
        call.reject(486)
        call.answer()

    bob.on_call = by_turns(broken, late)
    for call in [await alice.call(bob.contact), await alice.call(bob.contact)]:
        with pytest.raises(CallFailed):
            await call.answered()
    await until(lambda: bool(seen))
    loop.set_exception_handler(None)
    assert [context["message"] for context in seen] == ["1002's behaviour failed"]


async def test_closing_frees_whoever_waits(bob: Phone) -> None:
    bob.on_call = ring_only()
    phone = Phone("1003", server=("127.0.0.1", 9))
    await phone.start()
    waiting = asyncio.create_task((await phone.call(bob.contact)).answered(60))
    registering = asyncio.create_task(phone.register())
    await asyncio.sleep(0.1)
    before = asyncio.all_tasks() - {waiting, registering}
    await phone.close()
    with pytest.raises(CallFailed):
        await asyncio.wait_for(waiting, 15)
    with pytest.raises(RegistrationFailed, match="408"):
        await asyncio.wait_for(registering, 15)
    assert asyncio.all_tasks() <= before


async def test_a_hundred_calls_at_once(alice: Phone, bob: Phone) -> None:
    bob.on_call = answer_after(0.2)
    alice.sound = bob.sound = NOTHING
    calls = [await alice.call(bob.contact) for _ in range(100)]
    await asyncio.gather(*(call.answered() for call in calls))
    await asyncio.gather(*(call.hang_up() for call in calls))
    assert {call.final_status for call in calls} == {200}
