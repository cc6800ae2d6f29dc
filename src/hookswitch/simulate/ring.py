"""Who is rung in one round."""

from collections.abc import Sequence

from msgspec import Struct

from hookswitch.model.calls import Leg
from hookswitch.simulate.people import UNRUNG
from hookswitch.simulate.scenario import Reaction


class Ring(Struct, frozen=True):
    """A user, or somebody outside without a leg, and when he is done with it by himself."""

    leg: Leg | None
    reaction: Reaction
    most: float = float("inf")
    """Seconds that it may ring at all."""

    @property
    def rings(self) -> bool:
        return self.reaction.does not in UNRUNG

    def answers_within(self, seconds: float) -> bool:
        return self.reaction.does == "answers" and self.reaction.after < min(seconds, self.most)

    def over_after(self, seconds: float) -> float:
        """Seconds until it stops by itself, or `seconds`."""
        if not self.rings:
            return 0.0
        longest = min(seconds, self.most)
        return min(self.reaction.after, longest) if self.reaction.does == "declines" else longest


def legs_of(rings: Sequence[Ring]) -> list[Leg]:
    return [ring.leg for ring in rings if ring.leg is not None]
