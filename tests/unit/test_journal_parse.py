"""Records by hand; the oracle for the form is a journal that the real engine wrote."""

from pathlib import Path

import msgspec
import pytest

from hookswitch.journal.parse import FIELDS, LONGEST_RECORD, Parsed, parse
from hookswitch.model.journal import JournalLine
from kit.journal import START, lines, ours, record, written

REAL = (Path(__file__).parent / "golden" / "journal.csv").read_bytes()
A = record("CHAN_START", START, "n1b1-1795492779.2", Num="61400000001", Name='Ev"il, "x"')
B = ours("hs.try", START + 1, "n1b1-1795492779.2", pairs={"leg": "l.1", "name": "A&B=C"})
C = record("CHAN_END", START + 2, "n1b1-1795492779.2")


def events(data: bytes, *, complete: bool = False) -> list[str]:
    return [p.line.event for p in parse(data, complete=complete) if p.line is not None]


def one(data: bytes) -> JournalLine:
    (line,) = lines(data)
    return line


def with_columns(**columns: bytes) -> bytes:
    values = {
        "EventType": b"CHAN_START", "EventTime": b"1795492779.286448", "UniqueID": b"n1b1-1.2",
        "LinkedID": b"n1b1-1.2", **columns,
    }  # fmt: skip
    return written(values.get(name, b"") for name in FIELDS)


def test_a_real_journal_is_read_to_its_end() -> None:
    parsed = list(parse(REAL))
    assert parsed[-1].end == len(REAL)
    assert not any(p.dropped for p in parsed)
    found = lines(REAL)
    assert len(found) == REAL.count(b"\n")
    arrived = next(line for line in found if line.event == "hs.arrived")
    assert arrived.at == 1795492779287
    assert arrived.ours
    assert arrived.extra == {
        "r": "1", "number": "61300000000", "num": "61400000001", "name": "Jane Citizen",
        "pres": "allowed_not_screened",
    }  # fmt: skip
    hangup = next(line for line in found if line.event == "HANGUP")
    assert hangup.extra["hangupcause"] == "16"
    assert not hangup.ours


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (b'say ""hi""', 'say "hi"'),
        (b'""', '"'),
        (b'""""', '""'),
        (b"a,b", "a,b"),
        (b"one\r\ntwo\nthree", "one\r\ntwo\nthree"),
        (b'"",""', '","'),
        (b"back\\slash", "back\\slash"),
        ("J\xe4ne \U0001f600".encode(), "J\xe4ne \U0001f600"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"\x00\x1b[2J", "\x00\x1b[2J"),
    ],
)
def test_a_field_comes_back_as_the_engine_had_it(field: bytes, text: str) -> None:
    data = b'"CHAN_START","1.000000","u.1","u.1","c","1","' + field + b'",' + b",".join([b'""'] * 6)
    assert one(data + b"\n").name == text


def test_records_may_end_in_crlf() -> None:
    assert events(A.replace(b"\n", b"\r\n") + B) == ["CHAN_START", "hs.try"]


def test_microseconds_are_cut_to_milliseconds() -> None:
    assert one(with_columns(EventTime=b"1795492779.286999")).at == 1795492779286


def test_a_record_torn_anywhere_costs_itself_alone() -> None:
    for cut in range(len(B)):
        parsed = list(parse(A + B[:cut] + C + A))
        assert [p.line.event for p in parsed if p.line] == ["CHAN_START", "CHAN_END", "CHAN_START"]
        assert sum(p.dropped for p in parsed) == cut
        assert parsed[-1].end == len(A) + cut + len(C) + len(A)


def test_two_torn_records_in_a_row_cost_themselves_alone() -> None:
    for cut in range(len(B)):
        assert events(B[:cut] + B[: len(B) - cut - 1] + C) == ["CHAN_END"]


def test_an_unfinished_record_waits_until_nothing_more_can_come() -> None:
    for cut in range(1, len(B)):
        data = A + B[:cut]
        assert [p.end for p in parse(data)] == [len(A)]
        last = list(parse(data, complete=True))[-1]
        assert last == Parsed(None, len(data), cut)


def test_a_start_forged_by_a_caller_does_not_break_an_unfinished_record() -> None:
    """Three fields in a row that look like a start: number, name and number dialled."""
    forged = with_columns(Num=b"hs.arrived", Name=b"1.000000", dnid=b"n1b1-1.2")
    for cut in range(1, len(forged)):
        assert list(parse(forged[:cut])) == []
    assert one(forged).name == "1.000000"
    for cut in range(len(forged)):
        assert events(forged[:cut] + C) == ["CHAN_END"]


def test_what_is_longer_than_any_record_is_given_up() -> None:
    parsed = list(parse(b"\x00" * (3 * LONGEST_RECORD)))
    assert sum(p.dropped for p in parsed) >= LONGEST_RECORD
    after = events(b"\x00" * (3 * LONGEST_RECORD) + A)
    assert after == ["CHAN_START"]


@pytest.mark.parametrize(
    "data",
    [
        with_columns(EventType=b""),
        with_columns(EventType=b"0day"),
        with_columns(EventTime=b"yesterday"),
        with_columns(EventTime=b"1795492779"),
        b'"CHAN_START","1.000000"\n',
        b"no journal at all\n",
        A.replace(b'"', b"'"),
    ],
)
def test_what_is_no_record_is_given_up(data: bytes) -> None:
    assert events(data + C) == ["CHAN_END"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Jane%20Citizen", "Jane Citizen"),
        ("a%26b%3Dc%25", "a&b=c%"),
        ("%E2%82%AC", "\u20ac"),
        ("%FF%FEx", "\ufffd\ufffdx"),
        ("100%", "100%"),
        ("%zz", "%zz"),
        ("", ""),
        ("x" * 77 + "%E2%82", "x" * 77),  # cut at 79 bytes, in the middle of a character
        ("x" * 76 + "%F0%9F%98", "x" * 76),
        ("x" * 76 + "%E2%82%AC", "x" * 76 + "\u20ac"),
        ("x" * 10 + "%E2%82", "x" * 10 + "\ufffd"),  # not cut by the engine: sent so
    ],
)
def test_our_own_pairs_are_decoded(value: str, text: str) -> None:
    line = one(
        record("hs.x", START, "u.1", userdeftype="hs.x", extra=f'{{"extra":"name={value}"}}')
    )
    assert line.extra == {"name": text}


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("", {}),
        ("{}", {}),
        ('{"extra":""}', {}),
        ('{"extra":"a=1&&b&=2&c=d=e"}', {"a": "1", "b": "", "c": "d=e"}),
        ('{"hangupcause":16,"hangupsource":"x\\"y"}', {"hangupcause": "16", "hangupsource": 'x"y'}),
        ("[1]", {}),
        ("not json", {}),
        ('{"a":', {}),
        ("[" * 100_000, {}),
        ('{"a":"\\ud800"}', {}),
    ],
)
def test_extra_data_is_unwrapped_or_empty(extra: str, expected: dict[str, str]) -> None:
    line = one(record("HANGUP", START, "u.1", extra=extra))
    assert line.extra == expected
    msgspec.json.encode(line)  # a held record is stored so


def test_only_user_events_with_our_prefix_are_ours() -> None:
    assert one(record("hs.try", START, "u.1", userdeftype="hs.try")).ours
    assert not one(record("hs.try", START, "u.1")).ours
    assert not one(record("other", START, "u.1", userdeftype="other")).ours
