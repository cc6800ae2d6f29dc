"""By turns between endpoints: how far each has to be looked into for the places there are."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from hookswitch.model.ids import DeliveryId, EndpointId, Ms

LOOKS: Final = 3
"""The last one goes as deep as there is room."""

Ready = tuple[Ms, DeliveryId]
"""Since when a delivery is due that may be taken, and which: oldest first."""


class Lane(Struct, frozen=True):
    """An endpoint with something waiting: its turn comes after those with less in flight."""

    endpoint: EndpointId
    room: int
    busy: int
    strict: Ms | None = None


Taken = tuple[int, DeliveryId]
"""The place of its lane, and which."""

Look = Callable[[Mapping[int, int]], Mapping[int, Sequence[Ready]]]
"""Gives the oldest of each lane, by its place in the list, so many at most."""


def take_turns(lanes: Sequence[Lane], total: int, look: Look) -> Sequence[Taken]:
    """At most `total`: the n-th of an endpoint counts as `n + busy`, the lowest first.

    Looks no deeper than that takes: where all have plenty, each gives its share only.
    """
    rooms = [lane.room for lane in lanes]
    busy = [lane.busy for lane in lanes]
    found: list[Sequence[Ready]] = [()] * len(lanes)
    for nth in range(1, LOOKS + 1):
        shares = enumerate(_shares(rooms, busy, total))
        deeper = {place: n for place, n in shares if n > len(found[place])}
        if nth == LOOKS:
            deeper = {place: rooms[place] for place in deeper}
        if not deeper:
            break
        for place, ready in look(deeper).items():
            found[place] = ready
            if len(ready) < deeper[place]:
                rooms[place] = len(ready)  # it has no more
    placed = [
        (turn, *one, place) for place, begin in enumerate(busy)
        for turn, one in enumerate(found[place], begin)
    ]  # fmt: skip
    return [(place, identifier) for _, _, identifier, place in sorted(placed)[:total]]


def _shares(rooms: Sequence[int], busy: Sequence[int], total: int) -> list[int]:
    """What each gives if all are filled up to the lowest level that comes to `total`."""
    low, high = 0, max(map(sum, zip(rooms, busy, strict=True)), default=0)
    while low < high:
        level = (low + high) // 2
        if sum(_up_to(level, rooms, busy)) < total:
            low = level + 1
        else:
            high = level
    return _up_to(low, rooms, busy)


def _up_to(level: int, rooms: Sequence[int], busy: Sequence[int]) -> list[int]:
    return [
        min(room, level - taken) if level > taken else 0
        for room, taken in zip(rooms, busy, strict=True)
    ]
