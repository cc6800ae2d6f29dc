"""Turns between endpoints, against the plain rule: rank all there is, take the first."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from hookswitch.model.ids import DeliveryId, EndpointId
from hookswitch.store.sqlite.turns import LOOKS, Lane, Ready, take_turns


class Waiting:
    """What waits in each lane; remembers how deep it was looked into, and how often."""

    def __init__(self, lanes: Sequence[Sequence[Ready]]) -> None:
        self.lanes = lanes
        self.seen = 0
        self.looks = 0

    def look(self, limits: Mapping[int, int]) -> Mapping[int, Sequence[Ready]]:
        self.looks += 1
        found = {place: self.lanes[place][:limit] for place, limit in limits.items()}
        self.seen += sum(map(len, found.values()))
        return found


def lanes_of(rooms: Sequence[tuple[int, int]]) -> list[Lane]:
    return [
        Lane(EndpointId(f"e{place}"), room, busy) for place, (room, busy) in enumerate(rooms)
    ]  # fmt: skip


def numbered(ages: Sequence[Sequence[int]]) -> list[list[Ready]]:
    """Each delivery has an id of its own."""
    ids = iter(range(1, 10_000))
    return [sorted((age, DeliveryId(next(ids))) for age in lane) for lane in ages]


LANE = st.tuples(
    st.tuples(st.integers(0, 6), st.integers(0, 5)), st.lists(st.integers(0, 9), max_size=9)
)


@given(st.lists(LANE, max_size=8), st.integers(0, 30))
def test_the_lowest_turns_then_the_oldest(
    drawn: Sequence[tuple[tuple[int, int], Sequence[int]]], total: int
) -> None:
    rooms, waiting = [room for room, _ in drawn], Waiting(numbered([ages for _, ages in drawn]))
    ranked = sorted(
        (turn, *ready, place)
        for place, ((room, busy), lane) in enumerate(zip(rooms, waiting.lanes, strict=True))
        for turn, ready in enumerate(lane[:room], busy)
    )
    wanted = [(place, identifier) for *_, identifier, place in ranked[:total]]
    assert take_turns(lanes_of(rooms), total, waiting.look) == wanted
    assert waiting.looks <= LOOKS


def test_no_more_is_looked_at_than_is_taken_where_all_have_plenty() -> None:
    waiting = Waiting(numbered([range(100)] * 50))
    assert len(take_turns(lanes_of([(32, 0)] * 50), 200, waiting.look)) == 200
    assert (waiting.seen, waiting.looks) == (200, 1)


def test_what_one_does_not_need_goes_to_the_others() -> None:
    waiting = Waiting(numbered([range(100), [1], [1]]))
    assert len(take_turns(lanes_of([(32, 0)] * 3), 30, waiting.look)) == 30
    assert waiting.looks == 2
