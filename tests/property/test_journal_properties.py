"""The journal's parser over all bytes, all texts and all ways to cut them."""

from collections.abc import Sequence

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hookswitch.journal.parse import FIELDS, parse
from hookswitch.model.journal import JournalLine
from kit.journal import written

FEW = settings(max_examples=60, deadline=None)

names = st.sampled_from(["CHAN_START", "ANSWER", "LINKEDID_END", "hs.try", "hs.webhook"])
times = st.builds("{}.{:06}".format, st.integers(0, 10**11 - 1), st.integers(0, 999_999))
uniqueids = st.builds(
    "{}{}.{}".format, st.sampled_from(["", "n1b1-", "ab7b10-"]), st.integers(0), st.integers(0)
)
# what a caller would choose to break out of a field, as often as anything else
texts = st.text(max_size=30) | st.sampled_from(
    ['"', '""', '","', '"\n"', "\r\n", '","1.000000","u.1","', "hs.arrived", "1.000000", "n1b1-1.2"]
)
fields = st.tuples(names, times, uniqueids, uniqueids, *([texts] * (len(FIELDS) - 4)))
records = st.lists(fields, max_size=6)
pieces = st.sampled_from(
    [b'"', b'""', b",", b"\n", b"\r", b'"CHAN_START",', b'"1.000000",', b'"u.1",', b'"",' * 9, b"x"]
)
noise = st.binary(max_size=200) | st.lists(pieces, max_size=60).map(b"".join)


def raw(values: Sequence[str]) -> bytes:
    return written(value.encode() for value in values)


def told(line: JournalLine) -> tuple[str, ...]:
    return (line.event, line.uniqueid, line.linkedid, line.channel, line.num, line.name,
            line.exten, line.context, line.peer)  # fmt: skip


def asked(values: Sequence[str]) -> tuple[str, ...]:
    column = dict(zip(FIELDS, values, strict=True))
    wanted = ("EventType", "UniqueID", "LinkedID", "ChanName", "Num", "Name", "Exten", "Context",
              "Peer")  # fmt: skip
    return tuple(column[name] for name in wanted)


@FEW
@given(noise, st.booleans())
def test_any_bytes_are_covered_once_without_an_error(data: bytes, complete: bool) -> None:
    position = 0
    for parsed in parse(data, complete=complete):
        assert parsed.end > position
        assert (parsed.line is None) == (parsed.dropped == parsed.end - position)
        position = parsed.end
    assert position <= len(data)
    assert not complete or position == len(data)


@FEW
@given(records)
def test_what_the_engine_wrote_is_what_is_read(wrote: list[tuple[str, ...]]) -> None:
    data = b"".join(map(raw, wrote))
    parsed = list(parse(data))
    assert [told(p.line) for p in parsed if p.line] == [asked(values) for values in wrote]
    assert not any(p.dropped for p in parsed)
    assert (parsed[-1].end if parsed else 0) == len(data)


@FEW
@given(records, st.lists(st.integers(0, 2000), max_size=10))
def test_it_does_not_matter_how_much_each_read_gives(
    wrote: list[tuple[str, ...]], reads: list[int]
) -> None:
    data = b"".join(map(raw, wrote))
    found: list[tuple[str, ...]] = []
    position = 0
    for end in [*sorted(min(read, len(data)) for read in reads), len(data)]:
        parsed = list(parse(data[position:end]))
        found += [told(p.line) for p in parsed if p.line]
        position += parsed[-1].end if parsed else 0
    assert found == [asked(values) for values in wrote]
    assert position == len(data)


@FEW
@given(records, fields, records, st.data())
@example([], ("CHAN_END", "1.000000", "1.1", "1.1", *[""] * 9), [], None)
def test_a_torn_record_costs_at_most_itself(
    before: list[tuple[str, ...]],
    torn: tuple[str, ...],
    after: list[tuple[str, ...]],
    data: st.DataObject | None,
) -> None:
    whole = raw(torn)
    cut = data.draw(st.integers(0, len(whole) - 1)) if data else len(whole) - 1
    journal = b"".join([*map(raw, before), whole[:cut], *map(raw, after)])
    parsed = list(parse(journal, complete=True))
    expected = [asked(values) for values in (*before, *after)]
    assert [told(p.line) for p in parsed if p.line] == expected
    assert sum(p.dropped for p in parsed) == cut


@FEW
@given(records, noise)
def test_what_stands_before_noise_is_read(wrote: list[tuple[str, ...]], after: bytes) -> None:
    found = [told(p.line) for p in parse(b"".join(map(raw, wrote)) + after) if p.line]
    assert found[: len(wrote)] == [asked(values) for values in wrote]
