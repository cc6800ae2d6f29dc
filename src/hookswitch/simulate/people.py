"""What people do: users with their settings and codes, and whoever is called outside."""

from collections.abc import Mapping
from typing import Final

from hookswitch.flow.site import Site, SiteUser
from hookswitch.simulate.outside import way_out
from hookswitch.simulate.scenario import Reaction, Scenario

SILENT: Final = Reaction("no_answer")
OFFLINE: Final = Reaction("offline")
UNRUNG: Final = frozenset({"busy", "offline"})


class People:
    """Reactions, with forwards; those of a user who is rung now may be another's."""

    def __init__(self, site: Site, scenario: Scenario) -> None:
        self._site = site
        self._scenario = scenario
        self.instead: Mapping[str, Reaction] = {}
        """What users do whose calls are forwarded, while they are rung."""

    def reaction(self, extension: str) -> Reaction:
        if extension in self.instead:
            return self.instead[extension]
        if not self._site.users[extension].devices:
            return OFFLINE
        return self._scenario.reactions.get(extension, SILENT)

    def outside(self, number: str) -> Reaction:
        return self._scenario.reactions.get(number, SILENT)

    def may_be_disturbed(self, extension: str) -> bool:
        """Who does not want to be is busy without being rung."""
        return self.reaction(extension).does != "dnd"

    def forwarded(self, user: SiteUser, seconds: float) -> tuple[Reaction, float]:
        """What happens to a call of the user, who may forward it, and how long it may ring.

        What he set by code comes before his settings; no answer by code holds when no phone of
        his is there, too.
        """
        own, set_ = self.reaction(user.extension), user.forward
        code = self._scenario.forwards.get(user.extension, {})
        always = code.get("always") or set_.always
        if always:
            return self._of(always, user, seconds) or (OFFLINE, seconds)
        given_up = own.does == "answers" and own.after >= seconds
        does = "no_answer" if given_up else own.does
        waited = {"no_answer": seconds, "declines": min(own.after, seconds)}.get(does, 0.0)
        busy = code.get("busy") or set_.busy
        away = code.get("no_answer") if user.devices else None
        target = {
            "busy": busy,
            "declines": busy,
            "no_answer": code.get("no_answer") or set_.no_answer,
            "offline": away or set_.offline,
        }.get(does)
        found = self._of(target, user, seconds) if target else None
        if found is None:
            return own, seconds
        there, more = found
        if there.does in UNRUNG and waited:
            ends: Final = "offline" if there.does == "offline" else "busy"
            return Reaction("declines", waited, ends=ends), seconds + waited
        return Reaction(there.does, there.after + waited, there.talk), waited + more

    def _of(self, target: str, user: SiteUser, seconds: float) -> tuple[Reaction, float] | None:
        """What a user, or somebody outside whom this one may call, does; and for how long.

        None for a user without a phone, or who is not to be disturbed: nothing is dialled.
        """
        if target in self._site.users:
            there = self.reaction(target)
            is_rung = self._site.users[target].devices and there.does != "dnd"
            return (there, seconds) if is_rung else None
        way = way_out(self._site, target, user, self._scenario.away)
        if way.refused:
            return OFFLINE, seconds
        return self.outside(target), min(seconds, way.ring_time)
