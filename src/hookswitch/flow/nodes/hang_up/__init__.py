"""Hang up: ends the call with a cause, after a tone if wanted."""

from collections.abc import Sequence
from typing import Literal

from hookswitch.flow.node import Node, NodeKind, Wiring, no_findings
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

CAUSES = {"normal": 16, "busy": 17, "no_answer": 19, "rejected": 21, "congestion": 34, "unknown": 1}
TONE_SECONDS = 5


class HangUpNode(Node):
    """`cause` is what the caller's phone is told; a `tone` plays for five seconds before."""

    kind: Literal["hang_up"]
    cause: Literal["normal", "busy", "no_answer", "rejected", "congestion", "unknown"] = "normal"
    tone: Literal["none", "busy", "congestion"] = "none"


def emit(node: HangUpNode, _site: Site, _wiring: Wiring) -> Sequence[Extension]:
    end = Step("Hangup", str(CAUSES[node.cause]))
    if node.tone == "none":
        return (Extension("s", (end,)),)
    # unanswered, the caller hears nothing without early media
    early = Step("Progress")
    play = (early, Step("Playtones", node.tone), Step("Wait", str(TONE_SECONDS)))
    return (Extension("s", (*play, end)),)


def walk(node: HangUpNode, walker: Walker) -> None:
    if node.tone != "none":
        walker.wait(TONE_SECONDS)


KIND = NodeKind(
    name="hang_up",
    title="Hang up",
    group="Advanced options",
    schema=HangUpNode,
    outputs=(),
    check=no_findings,
    emit=emit,
    walk=walk,
)
