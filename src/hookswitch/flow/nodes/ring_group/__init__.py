"""Ring group: rings several users, all at once or one after another."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.fields import DialledNumber, ExtensionNumber, ObjectId
from hookswitch.flow.members import (
    ANSWERED,
    PREDIAL,
    check_members,
    enter,
    free,
    given_up,
    left,
    ring_time_left,
)
from hookswitch.flow.music import check_music, music_class
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.outside import fits
from hookswitch.flow.recording import Recorded, begin, check_record, end
from hookswitch.flow.routes import call_outside
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
NO_ANSWER = 19
MAX_MEMBERS = 50
Rung = tuple[Sequence[SiteUser], Sequence[str]]
"""Users, and the channels to numbers outside."""


class RingGroupNode(Node):
    """`members` are extensions; times in seconds. `random` begins at a random member and goes on
    in order, `round_robin` begins after the one it began with last time. `external` are numbers
    outside, rung behind the members; who answers there must `confirm` by pressing 1.
    """

    kind: Literal["ring_group"]
    members: Annotated[tuple[ExtensionNumber, ...], Field(min_length=1, max_length=MAX_MEMBERS)]
    strategy: Literal["all", "in_order", "random", "round_robin"] = "all"
    ring_time: Annotated[int, Field(ge=1, le=600)] = 20
    total_time: Annotated[int, Field(ge=1, le=3600)] = 60
    while_waiting: Literal["ringing", "music"] = "ringing"
    music: ObjectId | None = None
    external: Annotated[tuple[DialledNumber, ...], Field(max_length=10)] = ()
    confirm: bool = True
    record: Recorded = None


def check(node: RingGroupNode, site: Site) -> Iterable[Finding]:
    yield from check_members(node.members, site)
    for index, number in enumerate(node.external):
        if not any(fits(p, number) for r in site.routes if not r.users for p in r.patterns):
            message = f"no route that everybody may use fits {number}"
            yield Finding(f"external.{index}", message, "add one to `routes`")
    yield from check_music("music", node.music, site)
    if node.music is not None and node.while_waiting != "music":
        yield Finding("music", "it goes with while_waiting: music", "give both or none of them")
    yield from check_record("record", node.record, site)


def emit(node: RingGroupNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    members = [site.users[extension] for extension in node.members]
    recording, recorded = begin(node.record, node.id, site), end(node.record, node.id)
    start = (
        *recording,
        *enter("ring_group", node.id, node.name),
        Step("Set", "HS_T0=${EPOCH}"),
    )
    ended = wiring.leave(node, "ended", cause=NORMAL)
    no_answer = wiring.leave(node, "no_answer", cause=NO_ANSWER)
    after = (
        *(_external(node, index, wiring) for index in range(len(node.external))),
        Extension("answered", (*left("ANSWER"), *recorded, ended)),
        Extension("unanswered", (*left("TIMEOUT"), *recorded, no_answer)),
    )
    if node.strategy == "all":
        seconds = min(node.ring_time, node.total_time)
        everybody = tuple(members), _interfaces(node, wiring)
        dial = _dial(everybody, seconds, "unanswered", node, wiring)
        return (Extension("s", (*start, *dial)), *after)
    return (*_one_by_one(node, members, start, wiring), *after)


def _one_by_one(
    node: RingGroupNode, members: Sequence[SiteUser], begun: Sequence[Step], wiring: Wiring
) -> Sequence[Extension]:
    """`HS_K` is the member's turn, `HS_I` counts those rung; the extensions are called `m0`..."""
    turns: list[Rung] = [((member,), ()) for member in members]
    turns += [((), (interface,)) for interface in _interfaces(node, wiring)]
    count, context = len(turns), wiring.context
    turn = (
        *ring_time_left(wiring, "unanswered", node.total_time),
        Step("GotoIf", f"$[${{HS_I}} >= {count}]?{context},unanswered,1"),
        Step("Goto", f"{context},m$[(${{HS_S}} + ${{HS_I}}) % {count}],1"),
    )
    following = (
        given_up(),
        Step("Set", "HS_I=$[${HS_I} + 1]"),
        Step("Goto", f"{context},turn,1"),
    )
    start = (*_first(node, count), Step("Set", "HS_I=0"), Step("Goto", f"{context},turn,1"))
    return (
        Extension("s", (*begun, *start)),
        Extension("turn", turn),
        Extension("following", following),
        *(
            Extension(f"m{n}", _dial(rung, node.ring_time, "following", node, wiring))
            for n, rung in enumerate(turns)
        ),
    )


def _first(node: RingGroupNode, count: int) -> tuple[Step, ...]:
    if node.strategy == "random":
        return (Step("Set", f"HS_S=${{RAND(0,{count - 1})}}"),)
    if node.strategy == "round_robin":
        memory = f"GLOBAL(HS_RR_{node.id})"
        return (
            Step("Set", f"HS_S=$[0${{{memory}}} % {count}]"),
            Step("Set", f"{memory}=$[${{HS_S}} + 1]"),
        )
    return (Step("Set", "HS_S=0"),)


def _dial(
    rung: Rung, seconds: int, otherwise: str, node: RingGroupNode, wiring: Wiring
) -> tuple[Step, ...]:
    """Ring those who may be disturbed, and go on by `otherwise` if none of them answers."""
    own = f"({music_class(node.music)})" if node.music else ""
    context = wiring.context
    waiting = f"m{own}" if node.while_waiting == "music" else "r"
    return (
        *free(rung[0]),
        *(Step("Set", f"HS_M=${{HS_M}}&{interface}") for interface in rung[1]),
        Step("GotoIf", f'$["${{HS_M}}" = ""]?{context},{otherwise},1'),
        Step("Dial", f"${{HS_M:1}},{seconds},gi{waiting}{PREDIAL}{ANSWERED}"),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},answered,1'),
        Step("Goto", f"{context},{otherwise},1"),
    )


def _interfaces(node: RingGroupNode, wiring: Wiring) -> tuple[str, ...]:
    """A Local channel each: the others go on ringing until the key is pressed behind it."""
    return tuple(f"Local/x{index}@{wiring.context}/n" for index in range(len(node.external)))


def _external(node: RingGroupNode, index: int, wiring: Wiring) -> Extension:
    """Nothing that was set for another call outside comes along into the Local channel."""
    answered = "U(hs-confirm)" if node.confirm else "U(hs-taken)"
    steps = (
        Step("Set", "__HS_LEG=outside"),
        *call_outside(node.external[index], node.ring_time, wiring.revision, options=answered),
    )
    return Extension(f"x{index}", steps)


def walk(node: RingGroupNode, walker: Walker) -> str:
    if node.record:
        walker.record(node.id)
    walker.enter("ring_group", node.id, node.name)
    if node.strategy == "all":
        seconds = min(node.ring_time, node.total_time)
        answered = walker.ring_members(node.members, seconds, node.external)
    else:
        answered = _ring_in_turn(node, walker)
    walker.left()
    if node.record:
        walker.end_record(node.id)
    return "ended" if answered else "no_answer"


def _ring_in_turn(node: RingGroupNode, walker: Walker) -> bool:
    """Ring one after another, none beginning after the total time."""
    turns, began = [*node.members, *node.external], walker.now
    by_itself = node.strategy == "in_order"
    first = 0 if by_itself else turns.index(walker.in_order(node.id, turns)[0])
    for turn in (*turns[first:], *turns[:first]):
        if walker.now - began >= node.total_time:
            return False
        inside, outside = ((turn,), ()) if turn in node.members else ((), (turn,))
        if walker.ring_members(inside, node.ring_time, outside):
            return True
    return False


KIND = NodeKind(
    name="ring_group",
    title="Ring group",
    group="Basic",
    schema=RingGroupNode,
    outputs=("no_answer", "ended"),
    check=check,
    emit=emit,
    walk=walk,
)
