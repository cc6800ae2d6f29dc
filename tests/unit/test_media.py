"""Audio files: kept by hard link, linked to, aged out; prompts converted."""

import io
import itertools
import math
import os
import struct
import time
import tracemalloc
import wave
from pathlib import Path

import pytest
from msgspec.structs import replace

from hookswitch.app.upkeep.limits import Limits
from hookswitch.app.upkeep.retention import Retention
from hookswitch.media.keep import keep, media_path
from hookswitch.media.links import Links, token_hash
from hookswitch.media.prompts import LONGEST_S, RATE, PromptError, Prompts
from hookswitch.media.retention import expire
from hookswitch.model.ids import EventId

EVENT = EventId("evt_abc")
AT = 1_790_000_000_000


def _wav(seconds: float, rate: int = 44_100, channels: int = 2, hertz: float = 440) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setparams((channels, 2, rate, 0, "NONE", ""))
        samples = (
            int(12_000 * math.sin(2 * math.pi * hertz * n / rate))
            for n in range(int(seconds * rate))
        )
        audio.writeframes(b"".join(struct.pack("<h", s) * channels for s in samples))
    return out.getvalue()


class TestKeep:
    def test_the_path_is_a_folder_a_day_in_utc(self) -> None:
        assert media_path(EVENT, AT) == "2026/09/21/evt_abc.wav"

    def test_it_survives_the_mailbox_renumbering_its_messages(self, tmp_path: Path) -> None:
        source = tmp_path / "msg0000.wav"
        source.write_bytes(b"first")
        assert keep(source, tmp_path / "media", "a/b.wav")
        source.unlink()
        assert (tmp_path / "media/a/b.wav").read_bytes() == b"first"

    def test_again_changes_nothing(self, tmp_path: Path) -> None:
        source = tmp_path / "msg0000.wav"
        source.write_bytes(b"first")
        keep(source, tmp_path / "media", "b.wav")
        source.unlink()
        source.write_bytes(b"another message under the old name")
        assert keep(source, tmp_path / "media", "b.wav")
        assert (tmp_path / "media/b.wav").read_bytes() == b"first"

    def test_a_missing_source_is_told(self, tmp_path: Path) -> None:
        assert not keep(tmp_path / "none.wav", tmp_path / "media", "b.wav")
        assert not (tmp_path / "media/b.wav").exists()


class TestLinks:
    def test_the_same_event_has_the_same_link_on_every_replay(self) -> None:
        links = Links(b"k" * 32, "https://pbx.example.com/")
        assert links.url(EVENT) == Links(b"k" * 32, "https://pbx.example.com").url(EVENT)
        assert links.url(EVENT).startswith("https://pbx.example.com/m/")

    def test_its_token_is_256_bits_that_only_the_key_gives(self) -> None:
        tokens = {Links(bytes([n]) * 32, "").token(EVENT) for n in range(50)}
        assert len(tokens) == 50
        assert {len(token) for token in tokens} == {43}

    def test_the_hash_tells_nothing_of_the_token(self) -> None:
        token = Links(b"k" * 32, "").token(EVENT)
        assert token not in token_hash(token)


class TestRetention:
    def _file(self, path: Path, age: float, size: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        os.utime(path, (1000 - age, 1000 - age))
        return path

    def test_the_old_go_and_empty_days_with_them(self, tmp_path: Path) -> None:
        old = self._file(tmp_path / "2026/01/01/a.wav", 500, 10)
        new = self._file(tmp_path / "2026/01/02/b.wav", 5, 10)
        assert expire(tmp_path, now=1000, max_age_s=lambda _: 100, max_bytes=1000) == [old]
        assert new.exists()
        assert not (tmp_path / "2026/01/01").exists()

    def test_the_oldest_go_until_the_rest_fits(self, tmp_path: Path) -> None:
        files = [self._file(tmp_path / f"{n}.wav", 50 - n, 10) for n in range(5)]
        assert expire(tmp_path, now=1000, max_age_s=lambda _: 100, max_bytes=25) == files[:3]
        assert [file.exists() for file in files] == [False, False, False, True, True]

    def test_nothing_to_do_in_a_missing_directory(self, tmp_path: Path) -> None:
        assert expire(tmp_path / "none", now=1000, max_age_s=lambda _: 1, max_bytes=1) == []

    def test_messages_are_kept_for_a_time_of_their_own(self, tmp_path: Path) -> None:
        aged = {"media": tmp_path / "media", "monitor": tmp_path / "monitor"}
        day = 86400.0
        made = {
            name: self._file(aged["media"] / name, 1000 - time.time() + days * day, 10)
            for name, days in (
                ("2026/01/01/recording.wav", 20.0),
                ("2026/01/02/young.wav", 5.0),
                ("voicemail/2026/01/01/message.wav", 20.0),
                ("voicemail/2026/01/02/old.wav", 60.0),
            )
        }
        limits = Limits(
            history_days=0, deliveries_days=0, recordings_days=10, voicemail_days=30, audio_mb=1
        )
        keeping = Retention(aged["media"], aged["monitor"], lambda: limits)
        assert keeping.expire() == 2
        assert [name for name, path in made.items() if path.exists()] == [
            "2026/01/02/young.wav", "voicemail/2026/01/01/message.wav"
        ]  # fmt: skip
        limits = replace(limits, recordings_days=0, voicemail_days=0)
        assert keeping.expire() == 0, "0 days are for good"


class TestPrompts:
    def test_any_rate_and_channels_become_what_the_engine_plays(self, tmp_path: Path) -> None:
        prompt = Prompts(tmp_path).add("welcome", _wav(1.5))
        assert (prompt.name, prompt.seconds) == ("welcome", 1.5)
        with wave.open(str(tmp_path / "welcome.wav16"), "rb") as audio:
            assert (audio.getnchannels(), audio.getsampwidth(), audio.getframerate()) == (
                1,
                2,
                RATE,
            )
            samples = struct.unpack(f"<{audio.getnframes()}h", audio.readframes(audio.getnframes()))
        crossings = sum(a < 0 <= b for a, b in itertools.pairwise(samples))
        assert abs(crossings / 1.5 - 440) < 5, "the tone has another pitch"
        assert max(samples) > 8000, "the tone lost its volume"

    def test_list_replace_delete(self, tmp_path: Path) -> None:
        prompts = Prompts(tmp_path)
        prompts.add("b", _wav(1))
        prompts.add("a", _wav(1))
        prompts.add("a", _wav(2))
        assert [(p.name, p.seconds) for p in prompts.all()] == [("a", 2.0), ("b", 1.0)]
        prompts.delete("a")
        assert prompts.names() == {"b"}
        with pytest.raises(PromptError, match="no prompt 'a'"):
            prompts.delete("a")

    @pytest.mark.parametrize(
        ("name", "audio", "match"),
        [
            ("welcome", b"", "no audio"),
            ("welcome", b"%PDF-1.7 not audio at all" * 100, "no audio"),
            ("welcome", _wav(0), "no audio|lasts"),
            ("../../etc/passwd", _wav(1), "name"),
            ("Welcome", _wav(1), "name"),
            ("a.b", _wav(1), "name"),
        ],
    )
    def test_what_cannot_be_one_is_refused(
        self, tmp_path: Path, name: str, audio: bytes, match: str
    ) -> None:
        with pytest.raises(PromptError, match=match):
            Prompts(tmp_path).add(name, audio)
        assert list(tmp_path.iterdir()) == []

    def test_one_without_end_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PromptError, match="lasts"):
            Prompts(tmp_path).add("long", _wav(LONGEST_S + 1, rate=100, channels=1, hertz=1))

    def test_hours_in_a_small_file_are_not_all_unpacked(self, tmp_path: Path) -> None:
        hours = _wav(6 * 3600, rate=100, channels=1, hertz=1)
        tracemalloc.start()
        try:
            with pytest.raises(PromptError, match="lasts more than 600 s"):
                Prompts(tmp_path).add("long", hours)
            assert tracemalloc.get_traced_memory()[1] < 4 * LONGEST_S * RATE
        finally:
            tracemalloc.stop()

    def test_a_name_from_outside_leads_nowhere(self, tmp_path: Path) -> None:
        with pytest.raises(PromptError):
            Prompts(tmp_path / "prompts").delete("../x")
