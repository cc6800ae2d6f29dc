"""Ogg Opus that the engine wrote in parts, joined. Pages are made here, but for one of its own."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from hookswitch.media import ogg
from hookswitch.media.ogg import BEGINS, ENDS, NOTHING_ENDS, Page
from hookswitch.media.recordings import is_audible, remove, sweep, whole

ITS_OWN = bytes.fromhex(
    "4f6767530002000000000000000002a0a1340000000048f7060d01134f707573486561640101380180bb0000000000"
)
"""The first page of a file that the engine wrote, its checksum by libogg."""
HEAD = Page(BEGINS, 0, b"\x08", b"OpusHead")
TAGS = Page(0, 0, b"\x08", b"OpusTags")
FRAME = 960
"""Samples of a packet whose first byte is 0xf8: one frame of 20 ms."""


def _audio(position: int, packets: int = 1, flags: int = 0) -> Page:
    return Page(flags, position, b"\x02" * packets, b"\xf8x" * packets)


def _file(path: Path, *audio: Page, tail: bytes = b"") -> Path:
    pages = (HEAD, TAGS, *audio)
    path.write_bytes(b"".join(page.encode(7, n) for n, page in enumerate(pages)) + tail)
    return path


def _read(path: Path) -> Sequence[Page]:
    with path.open("rb") as file:
        return list(ogg.pages(file))


def test_a_page_of_the_engine_is_read_and_written_alike() -> None:
    (page,) = ogg.pages(io.BytesIO(ITS_OWN))
    assert page.body.startswith(b"OpusHead")
    assert page.encode(0x34A1A002, 0) == ITS_OWN


@pytest.mark.parametrize("torn", [ITS_OWN[:-1], ITS_OWN[:20], b"x" + ITS_OWN, ITS_OWN[:-1] + b"x"])
def test_a_torn_page_ends_a_file(torn: bytes) -> None:
    assert list(ogg.pages(io.BytesIO(torn))) == []
    assert list(ogg.pages(io.BytesIO(ITS_OWN + torn)))[1:] == []


def test_parts_become_one_stream(tmp_path: Path) -> None:
    """Its pages are numbered on, its time goes on, and only its last page ends it."""
    first = _file(tmp_path / "a", _audio(FRAME), _audio(2 * FRAME - 100, flags=ENDS))
    second = _file(tmp_path / "b", _audio(FRAME), Page(0, NOTHING_ENDS, b"\xff", b"x" * 255))
    ogg.join([first, second], tmp_path / "c")
    pages = _read(tmp_path / "c")
    assert [page.position for page in pages] == [0, 0, 960, 1920, 2880, NOTHING_ENDS]
    assert [page.flags for page in pages] == [BEGINS, 0, 0, 0, 0, ENDS]
    assert pages[0] == HEAD
    written = (tmp_path / "c").read_bytes()
    assert written == b"".join(page.encode(1, n) for n, page in enumerate(pages))


@pytest.mark.parametrize(
    ("packet", "samples"),
    [
        (b"\x00", 480), (b"\x18", 2880), (b"\x61", 2 * 480), (b"\x82", 2 * 120), (b"\xf8", 960),
        (b"\xfb\x03", 3 * 960), (b"\xfb", 0), (b"", 0),
    ],
)  # fmt: skip
def test_a_packet_tells_how_long_it_is(tmp_path: Path, packet: bytes, samples: int) -> None:
    last = Page(ENDS, 1, bytes([len(packet)]), packet)
    parts = _file(tmp_path / "a", last), _file(tmp_path / "b", _audio(FRAME))
    ogg.join(parts, tmp_path / "c")
    assert _read(tmp_path / "c")[-1].position == max(1, samples) + FRAME


def test_a_recording_in_parts_is_one_file_and_leaves_nothing(tmp_path: Path) -> None:
    """In order of their numbers; empty parts and other recordings are not in it."""
    recording = _file(tmp_path / "n1-1.2-1.opus", _audio(FRAME))
    for number in (2, 10, 9):
        _file(tmp_path / f"n1-1.2-1-{number}.opus", _audio(FRAME, number))
    _file(tmp_path / "n1-1.2-1-3.opus")
    others = [_file(tmp_path / name, _audio(FRAME)) for name in ("n1-1.2-11.opus", "n1-1.2-2.opus")]
    assert is_audible(recording)
    assert [len(page.lacing) for page in _read(whole(recording))[2:]] == [1, 2, 9, 10]
    remove(recording)
    assert sorted(tmp_path.iterdir()) == others


def test_what_is_left_of_a_death_is_joined(tmp_path: Path) -> None:
    recording = _file(tmp_path / "a-1.opus", _audio(FRAME), tail=ITS_OWN[:30])
    _file(tmp_path / "a-1-2.opus", _audio(FRAME), _audio(2 * FRAME), tail=b"\0" * 30)
    assert [page.position for page in _read(whole(recording))] == [0, 0, 960, 1920, 2880]


def test_only_a_later_part_has_a_voice(tmp_path: Path) -> None:
    recording = _file(tmp_path / "a-1.opus")
    assert not is_audible(recording)
    later = _file(tmp_path / "a-1-2.opus", _audio(FRAME))
    assert is_audible(recording)
    assert whole(recording) == later
    remove(recording)
    assert list(tmp_path.iterdir()) == []


def test_without_room_to_join_the_parts_stay(tmp_path: Path) -> None:
    recording = _file(tmp_path / "a-1.opus", _audio(FRAME))
    part = _file(tmp_path / "a-1-2.opus", _audio(FRAME))
    (tmp_path / "a-1.joined").mkdir()
    assert whole(recording) == recording
    (tmp_path / "a-1.joined").rmdir()
    remove(recording)
    assert {*tmp_path.iterdir()} == {recording, part}


def test_the_sweep_takes_the_parts_of_what_is_kept(tmp_path: Path) -> None:
    spool, kept = tmp_path / "spool", tmp_path / "kept.opus"
    spool.mkdir()
    recording = _file(spool / "a-1.opus", _audio(FRAME))
    _file(spool / "a-1-2.opus", _audio(FRAME))
    kept.hardlink_to(whole(recording))
    sweep(spool, now=recording.stat().st_mtime, max_age_s=1000)
    assert list(spool.iterdir()) == []
