"""Agents log in to queues, out of them, and pause, from their phones.

Who is logged out or pauses is a paused member of the engine's. It forgets that at a restart, so we
keep it in its database, and the first caller of a queue sets its members as it is there.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from hookswitch.flow.features import QUEUE_CODES, FeatureCodes
from hookswitch.flow.node import Node
from hookswitch.flow.nodes.queue import QueueMember, QueueNode, agent_arguments
from hookswitch.flow.site import Site
from hookswitch.model.plan import Context, Extension, Step

CONTEXT: Final = "hs-r{}-all-agents"


def queue_codes(codes: FeatureCodes, nodes: Sequence[Node]) -> Iterable[tuple[str, str, str]]:
    """What is dialled, the field it comes from, and the code of the queue, or none for all."""
    own = [node.code for node in _queues(nodes) if node.code is not None]
    for field in QUEUE_CODES:
        code = getattr(codes, field)
        if code is not None:
            yield from ((code + queue, field, queue) for queue in ("", *own))


def agent_entrances(
    codes: FeatureCodes, nodes: Sequence[Node], revision: int
) -> Iterable[Extension]:
    for dialled, field, queue in queue_codes(codes, nodes):
        steps = (
            Step("Gosub", "hs-self,s,1"),
            Step("Set", f"HS_DO={field.removeprefix('queue_')}"),
            Step("Goto", f"{CONTEXT.format(revision)},${{HS_USER}}in{queue},1"),
        )
        yield Extension(dialled, steps)


def agents_context(nodes: Sequence[Node], site: Site, revision: int) -> Context:
    """By agent: all of his queues, and each that has a code."""
    queues: dict[str, list[tuple[QueueNode, QueueMember]]] = {}
    for node in _queues(nodes):
        for member in node.members:
            queues.setdefault(member.user, []).append((node, member))
    told = Step("Goto", "hs-agent,${HS_DO}_told,1")
    extensions = (
        Extension(f"{user}in{code}", (*(_do(n, m, site) for n, m in chosen), told))
        for user, his in sorted(queues.items())
        for code, chosen in _by_code(his)
    )
    none = Extension("i", (Step("Playback", "agent-incorrect"), Step("Hangup", "21")))
    return Context(CONTEXT.format(revision), (*extensions, none))


def _do(node: QueueNode, member: QueueMember, site: Site) -> Step:
    return Step("Gosub", f"hs-agent,${{HS_DO}},1({agent_arguments(node, member, site)})")


def _by_code(
    his: Sequence[tuple[QueueNode, QueueMember]],
) -> Iterable[tuple[str, Sequence[tuple[QueueNode, QueueMember]]]]:
    yield "", his
    yield from ((node.code, [(node, member)]) for node, member in his if node.code is not None)


def _queues(nodes: Sequence[Node]) -> Iterable[QueueNode]:
    return (node for node in nodes if isinstance(node, QueueNode))
