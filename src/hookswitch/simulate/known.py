"""Checks that whom and what a scenario names is there."""

from collections.abc import Iterable, Sequence
from typing import Final

from hookswitch.flow.graph import Flow
from hookswitch.flow.nodes.external_number import ExternalNumberNode
from hookswitch.flow.nodes.queue import QueueNode
from hookswitch.flow.nodes.ring_group import RingGroupNode
from hookswitch.flow.nodes.time_condition import TimeConditionNode
from hookswitch.flow.site import Site
from hookswitch.simulate.outside import dials_outside
from hookswitch.simulate.scenario import Scenario, ScenarioError

FORWARDS: Final = ("always", "busy", "no_answer")
"""When users can forward by code."""
SET: Final = ("matches", "doesnt_match")
"""As what phones can set a time condition."""


def require_known(flows: Sequence[Flow], site: Site, scenario: Scenario) -> None:
    """Raise ScenarioError for the first thing that nobody knows."""
    outside = set(_numbers(flows, site, scenario))
    for name in scenario.reactions:
        if name not in site.users and name not in outside and not dials_outside(site, name):
            raise ScenarioError(f"there is no user {name}: name one of {_some(site.users)}")
    for extension, kinds in scenario.forwards.items():
        if extension not in site.users:
            raise ScenarioError(f"there is no user {extension}: name one of {_some(site.users)}")
        for kind in kinds:
            if kind not in FORWARDS:
                raise ScenarioError(
                    f"no code forwards {kind!r}: write {', '.join(FORWARDS[:-1])} or {FORWARDS[-1]}"
                )
    trunks = [trunk.name for trunk in site.trunks]
    for name in scenario.away:
        if name not in trunks:
            raise ScenarioError(f"there is no trunk {name}: name one of {_some(trunks)}")
    _require_members(flows, scenario)
    _require_overrides(flows, scenario)


def _require_members(flows: Sequence[Flow], scenario: Scenario) -> None:
    members: dict[str, list[str]] = {}
    for flow in flows:
        for node in flow.objects:
            if isinstance(node, RingGroupNode):
                members[node.id] = [*node.members, *node.external]
            elif isinstance(node, QueueNode):
                members[node.id] = [member.user for member in node.members]
    for name, order in scenario.orders.items():
        known = members.get(name)
        if known is None:
            raise ScenarioError(
                f"there is no queue or ring group {name}: name one of {_some(members)}"
            )
        for member in order:
            if member not in known:
                raise ScenarioError(f"{name} has no {member}: name one of {_some(known)}")


def _require_overrides(flows: Sequence[Flow], scenario: Scenario) -> None:
    conditions = [
        node.id
        for flow in flows
        for node in flow.objects
        if isinstance(node, TimeConditionNode) and node.override is not None
    ]
    for name, output in scenario.overrides.items():
        if name not in conditions:
            raise ScenarioError(
                f"no time condition {name} has an override: name one of {_some(conditions)}"
            )
        if output not in SET:
            raise ScenarioError(f"{name} is not set to {output!r}: write {' or '.join(SET)}")


def _numbers(flows: Sequence[Flow], site: Site, scenario: Scenario) -> Iterable[str]:
    """Those outside that may be called."""
    yield scenario.number
    for flow in flows:
        for node in flow.objects:
            if isinstance(node, ExternalNumberNode):
                yield node.number
            elif isinstance(node, RingGroupNode):
                yield from node.external
    for user in site.users.values():
        yield from user.forward.targets.values()
    for kinds in scenario.forwards.values():
        yield from kinds.values()


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:5]) or "those you add"
