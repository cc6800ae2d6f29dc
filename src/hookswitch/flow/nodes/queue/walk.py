"""A simulated call in a queue."""

from typing import TYPE_CHECKING

from hookswitch.flow.walk import Walker

if TYPE_CHECKING:
    from hookswitch.flow.nodes.queue import QueueNode


def walk(node: "QueueNode", walker: Walker) -> str:
    """All agents are free, nobody else waits; those with the lowest penalty are rung.

    An exit key counts when the caller presses it at once.
    """
    if node.record:
        walker.record(node.id)
    walker.enter("queue", node.id, node.name)
    walker.answer()
    output = _output(node, walker)
    walker.left()
    if node.record:
        walker.end_record(node.id)
    return output


def _output(node: "QueueNode", walker: Walker) -> str:
    agents = [member for member in node.members if walker.is_reachable(member.user)]
    if not agents and not node.join_when_empty:
        return "no_agents"
    if node.exit_key and walker.key(0) == node.exit_key:
        return "exit_key"
    free = [member for member in agents if walker.is_free(member.user)]
    lowest = min((member.penalty for member in free), default=0)
    rung = [member.user for member in free if member.penalty == lowest]
    if not rung:
        walker.wait(node.max_wait)
        return "timeout"
    by_itself = node.strategy in {"all", "linear"}
    chosen = rung if by_itself else [a for a in walker.in_order(node.id, rung) if a in rung]
    return _rings(node, walker, chosen)


def _rings(node: "QueueNode", walker: Walker, agents: list[str]) -> str:
    """Ring, rest for `retry` seconds, ring again until the time is over."""
    over = walker.now + node.max_wait
    while walker.now < over:
        seconds = min(node.ring_time, over - walker.now)
        if node.strategy == "all":
            answered = walker.ring_members(agents, seconds)
        else:
            answered = _one_at_a_time(walker, agents, seconds)
        if answered:
            return "ended"
        walker.wait(min(max(node.retry, 1), over - walker.now))
    return "timeout"


def _one_at_a_time(walker: Walker, agents: list[str], seconds: float) -> bool:
    """Who refuses makes room for the next at once; whoever was rung goes to the end."""
    over = walker.now + seconds
    for _ in range(len(agents)):
        agents.append(agents.pop(0))
        if walker.ring_members(agents[-1:], over - walker.now):
            return True
        if walker.now >= over:
            return False
    return False
