"""Revisions, their secrets and the way back: on the running product, over API and command line."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from support.revised import MARK, NUMBER, SIGNING, Office
from support.serving import serving

from hookswitch.app.configuration import rendering
from hookswitch.app.configuration.apply_errors import ApplyError, OutdatedError
from hookswitch.config.problems import InvalidDocument
from hookswitch.phone import NOTHING, Phone
from hookswitch.phone.behaviour import answer_after
from hookswitch.store.port import StoreError

UNTICKED = (
    "warning: webhooks[1] (crm): triggers: none is ticked, so nothing is sent: "
    "tick those you want\n"
)


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with serving(tmp_path_factory.mktemp("history")) as at:
        yield Office(at)


async def test_import_keeps_the_secrets_it_leaves_out(office: Office, tmp_path: Path) -> None:
    await office.submit(office.text())
    file = tmp_path / "new.yaml"
    file.write_text(office.without_secrets(ring_time=9))
    checked = await office.cli("check", file)
    assert (checked.exit_code, checked.stderr) == (0, UNTICKED)
    planned = await office.cli("import", file, "--dry-run")
    assert planned.output == "  users 1001: ring_time 20 -> 9\n"
    number = office.server.live.revision
    assert (await office.cli("import", file, given="n\n")).exit_code == 1
    assert office.server.live.revision == number
    done = await office.cli("import", file, "--comment", "rings shorter", given="y\n")
    assert done.exit_code == 0, done.output
    assert f"revision {number + 1} is live\n" in done.stdout
    assert f"{MARK}-device" in office.engine_file("pjsip_auth_plan.conf")
    assert "90210773" in office.engine_file("voicemail_plan.conf")
    (endpoint,) = office.server.live.endpoints
    assert endpoint.token.reveal() == f"{MARK}-token"
    assert dict(endpoint.headers)["X-Key"].reveal() == f"{MARK}-header"
    (row, *_) = await office.store.revisions(1)
    assert (row.origin, row.comment) == ("import", "rings shorter")


async def test_rollback_does_not_bring_an_old_secret_back(office: Office) -> None:
    old = await office.submit(office.text(ring_time=11))
    await office.submit(office.text(ring_time=12, password=f"password: {MARK}-renewed"))
    changes = (await office.ask("GET", f"/api/revisions/{old}/diff/live"))[1]
    assert [change["text"] for change in changes] == [
        "users 1001: ring_time 11 -> 12",
        "users 1001 device alice: password changed",
    ]
    planned = await office.cli("rollback", "previous", "--dry-run")
    assert planned.output == "  users 1001: ring_time 12 -> 11\n"
    done = await office.cli("rollback", "previous", "--comment", "it rang too long")
    assert done.stdout == f"revision {old + 2} is live\n  users 1001: ring_time 12 -> 11\n"
    assert f"{MARK}-renewed" in office.engine_file("pjsip_auth_plan.conf")
    assert f"{MARK}-device" not in office.engine_file("pjsip_auth_plan.conf")
    status, again = await office.ask("POST", "/api/revisions/previous/rollback")
    assert (status, again["revision"]) == (200, old + 3)
    assert again["changes"][0]["text"] == "users 1001: ring_time 11 -> 12"
    (row, before, *_) = await office.store.revisions()
    assert (row.origin, row.applied_by) == (f"rollback to {old + 1}", "eve")
    assert (before.origin, before.comment) == (f"rollback to {old}", "it rang too long")


async def test_a_secret_that_was_removed_is_there_for_its_old_revision(office: Office) -> None:
    old = await office.submit(office.text())
    await office.submit("hookswitch: 1\n")
    assert (await office.cli("rollback", old)).exit_code == 0
    assert f"{MARK}-device" in office.engine_file("pjsip_auth_plan.conf")


async def test_export_gives_the_text_as_it_was_given(office: Office) -> None:
    given = office.text(ring_time=13)
    number = await office.submit(given)
    shown = await office.cli("export")
    assert MARK not in shown.output
    assert "# The office of tests" in shown.stdout
    assert "name: Alice   # at the desk" in shown.stdout
    whole = await office.cli("export", "--revision", number, "--with-secrets")
    assert whole.stdout == given.replace(f"{MARK}-device", f'"{MARK}-device"').replace(
        f"{MARK}-header", f'"{MARK}-header"'
    ).replace(SIGNING, f'"{SIGNING}"')
    await office.submit(shown.stdout)
    (row, *_) = await office.store.revisions(1)
    detail = (await office.ask("GET", f"/api/revisions/{row.number}"))[1]
    assert (detail["changes"], detail["base"]) == ([], number)


async def test_what_was_applied_without_a_text_is_exported_too(office: Office) -> None:
    await office.at.apply(office.text(ring_time=14))
    exported = (await office.cli("export")).stdout
    assert "ring_time: 14" in exported
    assert MARK not in exported
    await office.submit(exported)
    assert (await office.cli("history", "show", "live")).stdout.endswith("nothing changes\n")


async def test_a_failed_attempt_is_listed_with_its_reason(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await office.submit(office.text())
    right = rendering.render_revision
    broken = f"\n[hs-broken]\nexten => {MARK}-device\n"
    monkeypatch.setattr(rendering, "render_revision", lambda plan: right(plan) + broken)
    with pytest.raises(ApplyError) as refused:
        await office.submit(office.text(ring_time=3))
    assert MARK not in str(refused.value)
    (row, live, *_) = await office.store.revisions(2)
    assert (row.number, row.state, live.state) == (number + 1, "failed", "live")
    assert "does not take" in row.reason
    assert MARK not in row.reason
    listed = await office.cli("history")
    assert "the engine does not take this configuration" in listed.stdout
    refused_rollback = await office.cli("rollback", row.number)
    assert refused_rollback.exit_code == 1
    assert "never was live" in refused_rollback.stderr


async def test_a_failed_attempt_leaves_the_secrets_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.submit(office.text())
    right = rendering.render_revision
    monkeypatch.setattr(rendering, "render_revision", lambda plan: right(plan) + "\n[x\n")
    with pytest.raises(ApplyError):
        await office.submit(office.text(password=f"password: {MARK}-never-used"))
    monkeypatch.undo()
    await office.submit(office.without_secrets())
    assert f"{MARK}-device" in office.engine_file("pjsip_auth_plan.conf")


async def test_a_store_that_fails_last_puts_the_engine_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await office.submit(office.text())

    async def fails(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(office.store, "set_revision_live", fails)
    with pytest.raises(StoreError):
        await office.submit(office.text(ring_time=2))
    monkeypatch.undo()
    assert office.server.live.revision == number
    assert f"hs-r{number}-main" in office.engine_file("entry.conf")
    shown = await office.server.supervisor.ami.command("dialplan show hs-from-trunk")
    assert f"hs-r{number}-main" in shown
    assert f"hs-r{number + 1}-" not in shown


async def test_two_at_once_come_one_after_the_other(office: Office) -> None:
    texts = [office.text(ring_time=seconds) for seconds in (5, 6, 7)]
    numbers = await asyncio.gather(*(office.submit(text, by=text[-1]) for text in texts))
    assert len(set(numbers)) == 3
    assert await office.lives() == [max(numbers)] == [office.server.live.revision]
    assert f"hs-r{max(numbers)}-" in office.engine_file("entry.conf")


async def test_who_looked_at_an_older_revision_is_refused(office: Office) -> None:
    base = await office.submit(office.text())
    done = await asyncio.gather(
        office.submit(office.text(ring_time=5), base=base),
        office.submit(office.text(ring_time=6), base=base, by="bob"),
        return_exceptions=True,
    )
    assert done[0] == base + 1
    assert isinstance(done[1], OutdatedError)
    status, said = await office.ask(
        "POST", f"/api/configuration/apply?base={base}", data=office.text()
    )
    assert (status, await office.lives()) == (409, [base + 1])
    assert f"hookswitch history diff {base} {base + 1}" in said["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/revisions/999999", 404),
        ("GET", "/api/revisions/1/diff/999999", 404),
        ("POST", "/api/revisions/999999/rollback", 404),
        ("GET", "/api/revisions/x", 422),
        ("POST", "/api/configuration/apply?origin=else", 422),
        ("POST", "/api/configuration/preview", 422),
    ],
)
async def test_what_is_not_there_is_refused(
    office: Office, method: str, path: str, status: int
) -> None:
    assert (await office.ask(method, path))[0] == status


async def test_a_marker_shows_nowhere(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After every use: database and its log, answers, commands, our log, representations."""
    caplog.set_level(logging.DEBUG)
    seen: list[Any] = []
    with structlog.testing.capture_logs() as logs:
        number = await office.submit(office.text())
        again = f"secret_token: {MARK}-again"
        await office.submit(office.text(token=again), comment="a comment")
        with pytest.raises(InvalidDocument) as wrong:
            await office.submit(office.text(password=f"password: {MARK}-\u00e9"))
        seen += [str(wrong.value), repr(wrong.value)]
        for path in ("/api/revisions", f"/api/revisions/{number}", "/api/configuration",
                     f"/api/revisions/{number}/diff/live", "/api/revisions/live/document",
                     "/api/secrets", "/api/openapi.json"):  # fmt: skip
            seen.append(await office.ask("GET", path))
        bad = office.text(path="a b")
        for path in ("preview", "apply"):
            seen.append(await office.ask("POST", f"/api/configuration/{path}", data=bad))
        for words in (["history"], ["history", "show", "live"], ["history", "diff", "1", "live"],
                      ["export"], ["secrets", "list"], ["history", "--json"]):  # fmt: skip
            seen.append((await office.cli(*words)).output)
        (tmp_path / "x.yaml").write_text(bad)
        seen.append((await office.cli("apply", tmp_path / "x.yaml")).output)
        seen += [repr(office.server.live.document), repr(office.server.live.endpoints)]
        seen += [repr(await office.store.live_revision()), repr(await office.store.secrets())]
        assert (await office.cli("secrets", "rotate-key")).exit_code == 0
    seen += [logs, office.logs, caplog.text]
    for text in map(str, seen):
        assert MARK not in text
        assert SIGNING not in text
        assert "90210773" not in text
    for file in office.data.path.glob("hookswitch.db*"):
        content = file.read_bytes()
        for secret in (MARK, SIGNING, "90210773"):
            assert secret.encode() not in content, file
    assert any("MDEyMzQ" in str(given) for given in [office.text()])


async def test_a_password_that_is_made_up_is_kept_and_works(office: Office) -> None:
    second = "password: a-password-of-tests\n      - username: desk-2"
    number = await office.submit(office.text(password=second))
    reference = "users/1001/devices/desk-2/password"
    shown = await office.cli("secrets", "show", reference)
    made = shown.stdout.strip()
    assert re.fullmatch("[A-Za-z0-9]{20}", made)
    whole = await office.cli("export", "--with-secrets")
    assert f'password: "{made}"' in whole.stdout
    async with Phone("desk-2", server=office.at.sip, password=made, sound=NOTHING) as phone:
        await phone.register()
    await office.submit(office.text(password=second, ring_time=7))
    await office.server.revisions.one(str(number))
    assert (await office.cli("secrets", "show", reference)).stdout.strip() == made
    assert made not in str(await office.ask("GET", "/api/revisions/live/document"))
    none = await office.cli("secrets", "show", "users/1001/devices/none/password")
    assert (none.exit_code, none.stderr.count("\n")) == (1, 1)


async def test_rotating_the_key_changes_nothing_else(office: Office) -> None:
    await office.submit(office.text())
    before = office.data.secrets_key.read_text()
    said = json.loads((await office.cli("secrets", "rotate-key", "--json")).stdout)
    assert said["ok"]
    assert office.data.secrets_key.read_text() != before
    number = await office.submit(office.without_secrets())
    assert f"{MARK}-device" in office.engine_file("pjsip_auth_plan.conf")
    assert (await office.ask("GET", f"/api/revisions/{number}"))[1]["changes"] == []


def show(text: str) -> Mapping[str, str]:
    lines = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


async def test_nat_settings_reach_the_engine_and_calls_go_on(office: Office) -> None:
    """The carrier's address is outside of the local network that is given here."""
    network = 'network:\n  external_address: "203.0.113.7"\n  local_networks: [127.0.0.1/32]\n'
    await office.submit(office.text(password="password: a-password-of-tests"))
    ami, carrier = office.server.supervisor.ami, office.at.carrier
    async with office.at.phone("alice") as alice:
        alice.on_call = answer_after()
        await alice.register()
        call = await carrier.call(NUMBER, caller="61400000001")
        await call.answered()
        await office.submit(office.text(password="password: a-password-of-tests", more=network))
        for transport in ("udp", "tcp"):
            shown = show(await ami.command(f"pjsip show transport {transport}"))
            assert shown["external_media_address"] == "203.0.113.7"
            assert shown["external_signaling_address"] == "203.0.113.7"
            assert shown["local_net"] == "127.0.0.1/255.255.255.255"
        await originate(office)
        invite = (await asyncio.wait_for(carrier.incoming.get(), 60)).request
        assert "203.0.113.7" in invite.get("Contact")
        assert b"c=IN IP4 203.0.113.7" in invite.body
        # the call that was up can still be ended from its other side
        (there,) = alice.calls.values()
        await there.hang_up()
        await call.ended()
        again = await carrier.call(NUMBER, caller="61400000001")
        await again.answered()
        await again.hang_up()
        await office.submit(office.text(password="password: a-password-of-tests"))
        shown = show(await ami.command("pjsip show transport udp"))
        assert shown["external_media_address"] == shown["external_signaling_address"] == ""


async def originate(office: Office) -> None:
    await office.server.supervisor.ami.action(
        "Originate", Channel="PJSIP/1@trunk-carrier", Application="Wait", Data="1", Async="true"
    )
