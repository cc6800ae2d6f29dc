"""From the dialled number through the flow to the end of the call."""

from collections.abc import Sequence

from msgspec import Struct

from hookswitch.flow.compile import HOP_LIMIT
from hookswitch.flow.graph import Flow
from hookswitch.flow.node import Node
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.external_number import ExternalNumberNode
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.site import Site
from hookswitch.model.facts import CallEnded, Fact, FlowBroken
from hookswitch.simulate.call import CallerGone, SimulatedCall, info_of
from hookswitch.simulate.scenario import Scenario, ScenarioError


class Passed(Struct, frozen=True):
    """An object the call reached, and by which output it left; "" where the call ended in it."""

    at: float
    """Seconds since the call reached the phone system."""
    node: str
    kind: str
    name: str
    output: str = ""


class Simulated(Struct, frozen=True):
    """The way a call took, its facts in order, and when it was over."""

    path: Sequence[Passed]
    facts: Sequence[Fact]
    ended_at: float


def simulate(flows: Sequence[Flow], site: Site, scenario: Scenario) -> Simulated:
    """Walk a checked document; the same scenario gives the same call."""
    numbers = {n.number for f in flows for n in f.objects if isinstance(n, ExternalNumberNode)}
    numbers |= {to for user in site.users.values() for to in user.forward.targets.values()}
    for extension in scenario.reactions:
        if extension not in site.users and extension not in numbers:
            raise ScenarioError(f"there is no user {extension}: name one of {_known(site)}")
    call = SimulatedCall(site, scenario)
    path: list[Passed] = []
    info = info_of(scenario)
    first = _entrance(flows, scenario.number)
    try:
        call.arrive()
        if first is None:
            _extension(call, site, scenario.number)
        else:
            broken = _walk(call, {n.id: n for f in flows for n in f.objects}, first, path)
            if broken is not None:
                call.facts.append(FlowBroken(info, broken, call.at))
    except CallerGone:
        pass
    call.hang_up()
    call.facts.append(CallEnded(info, call.at))
    return Simulated(path, call.facts, call.now)


def _entrance(flows: Sequence[Flow], number: str) -> Node | None:
    for flow in flows:
        for node in flow.objects:
            if isinstance(node, NumberNode) and number.removeprefix("+") in {
                each.removeprefix("+") for each in node.numbers
            }:
                return node
    return None


def _extension(call: SimulatedCall, site: Site, number: str) -> None:
    """A user's extension, which phones can dial."""
    user = site.users.get(number)
    if user is None or call.caller_number not in site.users:
        raise ScenarioError(
            f"{number} leads nowhere: dial a number of an Inbound number object, or a user's"
            " extension from another user's"
        )
    call.ring(number, user.ring_time)


def _walk(
    call: SimulatedCall, nodes: dict[str, Node], node: Node | None, path: list[Passed]
) -> str | None:
    """Pass one object after another; gives the object at which a cycle was broken."""
    hops = 0
    while node is not None:
        hops += 1
        if hops > HOP_LIMIT:
            return node.id
        passed = Passed(call.now, node.id, node.kind, node.name)
        path.append(passed)
        call.rang = False
        output = KINDS[node.kind].walk(node, call)
        hops = 0 if call.rang else hops
        path[-1] = Passed(passed.at, node.id, node.kind, node.name, output or "")
        node = nodes.get(node.outputs.get(output or "", ""))
    return None


def _known(site: Site) -> str:
    return ", ".join(sorted(site.users)[:5]) or "those you add to `users`"
