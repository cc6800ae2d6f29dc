"""From the dialled number through the flow to the end of the call."""

from collections.abc import Sequence

from msgspec import Struct

from hookswitch.flow.compile import HOP_LIMIT
from hookswitch.flow.graph import Flow
from hookswitch.flow.node import Node
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.site import Site
from hookswitch.model.facts import CallEnded, CallRefused, Fact, FlowBroken
from hookswitch.simulate.call import CallerGone, SimulatedCall, info_of
from hookswitch.simulate.known import require_known
from hookswitch.simulate.outside import dials_outside
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
    blocked: bool = False
    """The caller is one of those who reach nobody."""


def simulate(flows: Sequence[Flow], site: Site, scenario: Scenario) -> Simulated:
    """Walk a checked document; the same scenario gives the same call."""
    require_known(flows, site, scenario)
    call = SimulatedCall(site, scenario)
    path: list[Passed] = []
    info = info_of(scenario)
    first = _entrance(flows, scenario.number)
    from_outside = scenario.caller.number not in site.users
    blocked = from_outside and site.blocked_callers.has(scenario.caller.number)
    try:
        if first is not None and blocked:
            call.arrive()
            call.facts.append(CallRefused(info, "caller", call.at))
        elif first is None:
            _dial(call, site, scenario.number)
        else:
            call.arrive()
            broken = _walk(call, {n.id: n for f in flows for n in f.objects}, first, path)
            if broken is not None:
                call.facts.append(FlowBroken(info, broken, call.at))
    except CallerGone:
        pass
    call.hang_up()
    call.facts.append(CallEnded(info, call.at))
    return Simulated(path, call.facts, call.now, first is not None and blocked)


def _entrance(flows: Sequence[Flow], number: str) -> Node | None:
    for flow in flows:
        for node in flow.objects:
            if isinstance(node, NumberNode) and number.removeprefix("+") in {
                each.removeprefix("+") for each in node.numbers
            }:
                return node
    return None


def _dial(call: SimulatedCall, site: Site, number: str) -> None:
    """What phones can dial: a user's extension, a number outside."""
    user = site.users.get(number)
    if call.caller_number in site.users and user is not None:
        call.arrive()
        call.ring(number, user.ring_time)
    elif call.caller_number in site.users and dials_outside(site, number):
        call.dial_outside()
    else:
        raise ScenarioError(
            f"{number} leads nowhere: dial a number of an Inbound number object, or from a user's"
            " extension another user's or a number that a route fits; feature codes give no"
            " webhooks"
        )


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
