"""Ring group: rings several users, all at once or one after another."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.fields import ExtensionNumber, ObjectId
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
from hookswitch.flow.recording import Recorded, begin, check_record, end
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.walk import Walker, ring_in_turn
from hookswitch.model.plan import Extension, Step

NORMAL = 16
NO_ANSWER = 19
MAX_MEMBERS = 50


class RingGroupNode(Node):
    """`members` are extensions; times in seconds. `random` begins at a random member and goes on
    in order, `round_robin` begins after the one it began with last time.
    """

    kind: Literal["ring_group"]
    members: Annotated[tuple[ExtensionNumber, ...], Field(min_length=1, max_length=MAX_MEMBERS)]
    strategy: Literal["all", "in_order", "random", "round_robin"] = "all"
    ring_time: Annotated[int, Field(ge=1, le=600)] = 20
    total_time: Annotated[int, Field(ge=1, le=3600)] = 60
    while_waiting: Literal["ringing", "music"] = "ringing"
    music: ObjectId | None = None
    record: Recorded = None


def check(node: RingGroupNode, site: Site) -> Iterable[Finding]:
    yield from check_members(node.members, site)
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
        Extension("answered", (*left("ANSWER"), *recorded, ended)),
        Extension("unanswered", (*left("TIMEOUT"), *recorded, no_answer)),
    )
    if node.strategy == "all":
        dial = _dial(members, min(node.ring_time, node.total_time), "unanswered", node, wiring)
        return (Extension("s", (*start, *dial)), *after)
    return (*_one_by_one(node, members, start, wiring), *after)


def _one_by_one(
    node: RingGroupNode, members: Sequence[SiteUser], begun: Sequence[Step], wiring: Wiring
) -> Sequence[Extension]:
    """`HS_K` is the member's turn, `HS_I` counts those rung; the extensions are called `m0`..."""
    count, context = len(members), wiring.context
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
            Extension(f"m{n}", _dial([member], node.ring_time, "following", node, wiring))
            for n, member in enumerate(members)
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
    members: Sequence[SiteUser], seconds: int, otherwise: str, node: RingGroupNode, wiring: Wiring
) -> tuple[Step, ...]:
    """Ring those who may be disturbed, and go on by `otherwise` if none of them answers."""
    own = f"({music_class(node.music)})" if node.music else ""
    context = wiring.context
    waiting = f"m{own}" if node.while_waiting == "music" else "r"
    return (
        *free(members),
        Step("GotoIf", f'$["${{HS_M}}" = ""]?{context},{otherwise},1'),
        Step("Dial", f"${{HS_M:1}},{seconds},gi{waiting}{PREDIAL}{ANSWERED}"),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},answered,1'),
        Step("Goto", f"{context},{otherwise},1"),
    )


def walk(node: RingGroupNode, walker: Walker) -> str:
    """A random group, and one with a memory, are taken to begin with the first."""
    if node.record:
        walker.record(node.id)
    walker.enter("ring_group", node.id, node.name)
    if node.strategy == "all":
        answered = walker.ring_members(node.members, min(node.ring_time, node.total_time))
    else:
        answered = ring_in_turn(walker, node.members, node.ring_time, node.total_time)
    walker.left()
    if node.record:
        walker.end_record(node.id)
    return "ended" if answered else "no_answer"


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
