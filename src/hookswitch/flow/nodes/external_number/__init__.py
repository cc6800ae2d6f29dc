"""External number: calls a number outside, over the routes that everybody has."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.fields import DialledNumber, ObjectId
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.outside import fits
from hookswitch.flow.recording import go_on
from hookswitch.flow.routes import call_outside, route_context, trunk_alone, trunk_route
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
BUSY = 17
NO_ANSWER = 19
CONGESTION = 34


class ExternalNumberNode(Node):
    """`route` or `trunk` is used instead of the first route that fits.

    Shown is `caller_id`, or the route's; with `keep_caller` the caller's own number, if the
    provider lets it pass. `ring_time` in seconds.
    """

    kind: Literal["external_number"]
    number: DialledNumber
    route: ObjectId | None = None
    trunk: ObjectId | None = None
    caller_id: DialledNumber | None = None
    keep_caller: bool = False
    ring_time: Annotated[int, Field(ge=5, le=600, strict=True)] = 30


def check(node: ExternalNumberNode, site: Site) -> Iterable[Finding]:
    routes = {route.name: route for route in site.routes}
    trunks = sorted(trunk.name for trunk in site.trunks)
    if node.route is not None and node.trunk is not None:
        yield Finding("trunk", "there is a route too", "remove one of them")
    elif node.trunk is not None:
        if node.trunk not in trunks:
            known = ", ".join(trunks[:5]) or "none yet"
            yield Finding("trunk", f"there is no trunk {node.trunk}", f"name one of {known}")
    elif node.route is not None:
        if node.route not in routes:
            known = ", ".join(sorted(routes)[:5]) or "none yet"
            yield Finding("route", f"there is no route {node.route}", f"name one of {known}")
    elif not any(fits(p, node.number) for r in site.routes if not r.users for p in r.patterns):
        yield Finding(
            "number",
            f"no route that everybody may use fits {node.number}",
            "add one to `routes`, or name a route or trunk here",
        )


def emit(node: ExternalNumberNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    context = wiring.context
    route = node.route or (node.trunk and trunk_route(node.trunk))
    through = route_context(wiring.revision, route) if route else None
    shown = "${FILTER(0-9+,${CALLERID(num)})}" if node.keep_caller else node.caller_id or ""
    steps = (
        go_on(),
        Step("Set", "__HS_LEG="),
        *_charged(site),
        Step("Set", "HS_USER=0"),
        Step("Set", f"HS_SHOWN={shown}"),
        Step("Set", "HS_HIDES=0"),
        *call_outside(node.number, node.ring_time, wiring.revision, through),
        Step("Set", "HS_CHARGED="),
        Step("GotoIf", f'$["${{HS_CAUSE}}" != ""]?{context},failed,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},ended,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "BUSY"]?{context},busy,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "NOANSWER"]?{context},no_answer,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}${{HANGUPCAUSE}}" = "CHANUNAVAIL21"]?{context},busy,1'),
        Step("Goto", f"{context},failed,1"),
    )
    rang = Step("Set", "HS_HOPS=0")
    return (
        Extension("s", steps),
        Extension("no_answer", (rang, wiring.leave(node, "no_answer", cause=NO_ANSWER))),
        Extension("busy", (wiring.leave(node, "busy", cause=BUSY),)),
        Extension("failed", (wiring.leave(node, "failed", cause=CONGESTION),)),
        Extension("ended", (rang, wiring.leave(node, "ended", cause=NORMAL))),
    )


def _charged(site: Site) -> tuple[Step, ...]:
    """A user who calls here calls outside, as far as his own limits are concerned."""
    counted = any(u.limits.at_once or u.limits.per_minute for u in site.users.values())
    return (Step("Gosub", "hs-charged,s,1") if counted else Step("Set", "HS_LIMITS=0-0"),)


def walk(node: ExternalNumberNode, walker: Walker) -> str:
    named = (route for route in walker.site.routes if route.name == node.route)
    through = trunk_alone(node.trunk) if node.trunk else next(named, None)
    return walker.call_outside(node.number, node.ring_time, through)


KIND = NodeKind(
    name="external_number",
    title="External number",
    group="Advanced options",
    schema=ExternalNumberNode,
    outputs=("no_answer", "busy", "failed", "ended"),
    check=check,
    emit=emit,
    walk=walk,
)
