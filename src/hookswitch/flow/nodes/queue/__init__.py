"""Queue: callers wait until an agent is free."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hookswitch.flow.fields import ExtensionNumber, ObjectId, Part, PromptName, Text, wrong
from hookswitch.flow.members import PREDIAL, check_members, enter, interface, left
from hookswitch.flow.music import check_music
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.nodes.queue.section import queue_name, sections
from hookswitch.flow.nodes.queue.walk import walk
from hookswitch.flow.prompts import check_prompt
from hookswitch.flow.recording import Recorded, begin, check_record, end
from hookswitch.flow.site import Site
from hookswitch.model.plan import Extension, Step

NORMAL = 16
NO_ANSWER = 19
CONGESTION = 34


def _code(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 4):
        wrong("it is not a queue's code", "write 1 to 4 digits, in quotes")
    return value


class QueueMember(Part):
    """An agent; one with a higher `penalty` is rung only when those below are not free."""

    user: ExtensionNumber
    penalty: Annotated[int, Field(ge=0, le=100)] = 0
    login: bool = False
    """He is rung only after he logged in by code."""


class QueueNode(Node):
    """Times in seconds; `max_callers` 0 is without limit. `code` is dialled behind `queue_login`
    and the like.
    """

    kind: Literal["queue"]
    code: Annotated[Text, AfterValidator(_code)] | None = None
    members: Annotated[tuple[QueueMember, ...], Field(max_length=500)]
    strategy: Literal["all", "least_recent", "fewest_calls", "random", "round_robin", "linear"] = (
        "all"
    )
    ring_time: Annotated[int, Field(ge=1, le=600)] = 15
    retry: Annotated[int, Field(ge=0, le=600)] = 5
    wrap_up: Annotated[int, Field(ge=0, le=3600)] = 0
    max_wait: Annotated[int, Field(ge=1, le=86_400)] = 300
    max_callers: Annotated[int, Field(ge=0, le=10_000)] = 0
    join_when_empty: bool = False
    leave_when_empty: bool = True
    announce_position: bool = False
    announce_hold_time: bool = False
    announce_every: Annotated[int, Field(ge=0, le=3600)] = 0
    periodic_prompt: PromptName | None = None
    periodic_every: Annotated[int, Field(ge=5, le=3600)] = 60
    exit_key: Literal["", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"] = ""
    music: ObjectId | None = None
    record: Recorded = None


def check(node: QueueNode, site: Site) -> Iterable[Finding]:
    yield from check_members([member.user for member in node.members], site)
    yield from check_prompt("periodic_prompt", node.periodic_prompt, site)
    yield from check_music("music", node.music, site)
    yield from check_record("record", node.record, site)
    if "exit_key" in node.outputs and not node.exit_key:
        yield Finding("exit_key", "the output exit_key needs a key", "choose the key")
    if not node.members and not node.join_when_empty:
        yield Finding("members", "nobody is there to answer", "add a member")


def emit(node: QueueNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    """An exit key is dialled in our own context; its extension is the key."""
    context = wiring.context
    queue = f"{queue_name(node.id)},ci{PREDIAL},,,{node.max_wait},,hs-answered"
    synced = f"HS_SYNCED_{node.id}"
    sync = (
        *(step for member in node.members for step in _synced(node, member, site)),
        Step("Set", f"GLOBAL({synced})={wiring.revision}"),
        Step("Return"),
    )
    steps = (
        Step("GosubIf", f'$["${{{synced}}}" != "{wiring.revision}"]?{context},sync,1'),
        *begin(node.record, node.id, site),
        *enter("queue", node.id, node.name),
        Step("Answer"),
        Step("Set", "QUEUESTATUS="),
        Step("Queue", queue),
        Step("GotoIf", f'$["${{QUEUESTATUS}}" = "CONTINUE"]?{context},answered,1'),
        Step("GotoIf", f'$["${{QUEUESTATUS}}" = "FULL"]?{context},full,1'),
        Step("GotoIf", f'$["${{QUEUESTATUS}}" = "JOINEMPTY"]?{context},empty,1'),
        Step("GotoIf", f'$["${{QUEUESTATUS}}" = "LEAVEEMPTY"]?{context},empty,1'),
        *_leave(node, wiring, "TIMEOUT", "timeout", NO_ANSWER),
    )
    exits = (
        Extension("sync", sync),
        Extension("answered", _leave(node, wiring, "ANSWER", "ended", NORMAL)),
        Extension("full", _leave(node, wiring, "FULL", "full", CONGESTION)),
        Extension("empty", _leave(node, wiring, "EMPTY", "no_agents", CONGESTION)),
    )
    if not node.exit_key:
        return (Extension("s", steps), *exits)
    key = Extension(node.exit_key, _leave(node, wiring, "KEY", "exit_key", NORMAL))
    return (Extension("s", steps), *exits, key)


def _synced(node: QueueNode, member: QueueMember, site: Site) -> tuple[Step, ...]:
    """Once after each start of the engine and each Apply; see flow/agents.py."""
    return (Step("Gosub", f"hs-agent,sync,1({agent_arguments(node, member, site)})"),)


def agent_arguments(node: QueueNode, member: QueueMember, site: Site) -> str:
    """A member as the steps of `hs-agent` take him; who must log in is out until he does."""
    begins = "out" if member.login else "in"
    return f"{queue_name(node.id)},{member.user},{interface(site.users[member.user])},{begins}"


def _leave(
    node: QueueNode, wiring: Wiring, status: str, output: str, cause: int
) -> tuple[Step, ...]:
    follow = wiring.leave(node, output, cause=cause)
    return (*left(status), *end(node.record, node.id), follow)


KIND = NodeKind(
    name="queue",
    title="Queue",
    group="Basic",
    schema=QueueNode,
    outputs=("timeout", "full", "no_agents", "exit_key", "ended"),
    check=check,
    emit=emit,
    walk=walk,
    sections=sections,
)
