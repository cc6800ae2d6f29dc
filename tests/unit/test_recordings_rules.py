"""Recordings: when they are told of, what a crash leaves of them."""

import json
import os
import wave
from pathlib import Path

from hookswitch.calls.ledger import Ledger
from hookswitch.config.check import parse
from hookswitch.events import recording
from hookswitch.events.build import build
from hookswitch.media.recordings import is_audible, mend, sweep
from hookswitch.model.facts import CallEnded, Fact, RecordingClosed
from hookswitch.model.media import BuildEnv, MessageSettings
from kit.documents import MINIMAL, changed
from kit.journal import START, lines, ours, record
from kit.line import facts_of

CALL, FILE = "n1b1-1.1", "n1b1-1.1-1.wav"
SETTINGS = MessageSettings(
    emails=("a@example.com", "b@example.com"),
    subject="From {caller_id}",
    message="{caller_name}: {link} {box}",
    attach_audio=False,
)


def _call(*steps: str, end: bool = True) -> bytes:
    """A call whose channel does such steps, a second each."""
    pairs = {"f": FILE, "by": "main"}
    written = [
        record("CHAN_START", START, CALL, Num="614"),
        ours("hs.arrived", START, CALL, CALL, {"r": "3", "number": "613"}, Num="614", Name="Jane"),
    ]
    for second, step in enumerate(steps, 1):
        at = START + 1000 * second
        is_ours = step.startswith("hs.")
        written.append(ours(step, at, CALL, CALL, pairs) if is_ours else record(step, at, CALL))
    if end:
        written.append(record("CHAN_END", START + 60_000, CALL))
    return b"".join(written)


def _closed(facts: list[Fact]) -> list[RecordingClosed]:
    return [fact for fact in facts if isinstance(fact, RecordingClosed)]


def test_it_is_told_when_it_is_closed_and_dates_from_the_talk() -> None:
    facts = facts_of(lines(_call("hs.recording", "BRIDGE_ENTER", "BRIDGE_EXIT", "hs.recclosed")))
    (fact,) = _closed(facts)
    assert (fact.at, fact.recording.talk_at) == (START + 4000, START + 2000)
    assert isinstance(facts[-1], CallEnded)


def test_without_talk_there_is_nothing_to_tell() -> None:
    assert not _closed(facts_of(lines(_call("hs.recording", "hs.recclosed"))))


def test_talk_before_it_began_is_not_in_it() -> None:
    assert not _closed(facts_of(lines(_call("BRIDGE_ENTER", "hs.recording", "hs.recclosed"))))


def test_one_that_was_never_closed_is_told_before_the_end() -> None:
    facts = facts_of(lines(_call("hs.recording", "BRIDGE_ENTER")))
    assert [type(fact) for fact in facts[-2:]] == [RecordingClosed, CallEnded]


def test_the_engines_death_closes_it() -> None:
    ledger = Ledger()
    for line in lines(_call("hs.recording", "BRIDGE_ENTER", end=False)):
        ledger.apply(line)
    (later,) = lines(record("CHAN_START", START + 9000, "n1b2-9.1"))
    facts = ledger.apply(later)
    assert [type(fact) for fact in facts] == [RecordingClosed, CallEnded]
    assert facts[0].at == START + 9000


def test_the_event_carries_what_its_settings_say() -> None:
    (fact,) = _closed(facts_of(lines(_call("hs.recording", "BRIDGE_ENTER", "hs.recclosed"))))
    asked: list[tuple[int, str]] = []

    def settings(revision: int, by: str) -> MessageSettings:
        asked.append((revision, by))
        return SETTINGS

    link = f"https://pbx.example/m/{recording.identify(fact)}"
    env = BuildEnv(lambda event: f"https://pbx.example/m/{event}", settings)
    (event,) = build(fact, env)
    assert asked == [(3, "main")]
    assert json.loads(event.body) == {
        "type": "recording_inbound",
        "unique_call_id": CALL,
        "caller_id": "614",
        "dest_number": "613",
        "recorded_at": "2026-11-24T03:59:41.000Z",
        "emails": "a@example.com, b@example.com",
        "email_subject": "From 614",
        "email_message": f"Jane: {link} {{box}}",
        "call_recording_link": link,
    }
    email = recording.email(fact, SETTINGS, "a.wav", link)
    assert email is not None
    assert (email.subject, email.audio, email.attach) == ("From 614", "a.wav", False)


def test_nobody_named_is_no_mail() -> None:
    (fact,) = _closed(facts_of(lines(_call("hs.recording", "BRIDGE_ENTER", "hs.recclosed"))))
    nobody = MessageSettings(emails=(), subject="s", message="m", attach_audio=False)
    assert recording.email(fact, nobody, "a.wav", "link") is None
    (event,) = build(fact, BuildEnv(str, lambda *_: nobody))
    assert json.loads(event.body)["email_subject"] == ""


def test_a_header_is_mended_to_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    with wave.open(str(path), "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(b"\1\2" * 8000)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + b"\0\0\0\0" + whole[8:40] + b"\0\0\0\0" + whole[44:])
    assert mend(path)
    assert path.read_bytes() == whole
    assert not mend(path)


def test_what_is_no_wav_is_left_alone(tmp_path: Path) -> None:
    for name, content in {"a.opus": b"OggS" * 50, "a.wav": b"nothing" * 10}.items():
        (tmp_path / name).write_bytes(content)
        assert not mend(tmp_path / name)
        assert (tmp_path / name).read_bytes() == content


def test_a_header_alone_is_not_audible(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x" * 44)
    assert not is_audible(tmp_path / "a.wav")
    assert not is_audible(tmp_path / "b.wav")


def test_the_sweep_takes_what_is_kept_elsewhere_and_what_is_old(tmp_path: Path) -> None:
    for name in ("kept", "old", "new"):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (1000, 1000 if name == "old" else 9000))
    (tmp_path / "elsewhere").mkdir()
    os.link(tmp_path / "kept", tmp_path / "elsewhere/kept")
    sweep(tmp_path, now=9000, max_age_s=5000)
    assert {path.name for path in tmp_path.iterdir()} == {"new", "elsewhere"}


def test_true_is_recording_with_all_defaults() -> None:
    short = parse(changed("flows.0.objects.0.record", True, MINIMAL))
    assert short == parse(changed("flows.0.objects.0.record", {}, MINIMAL))
    off = parse(changed("flows.0.objects.0.record", False, MINIMAL))
    assert off == parse(MINIMAL)
