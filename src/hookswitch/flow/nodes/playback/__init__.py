"""Playback: plays a prompt to the caller and goes on."""

from collections.abc import Iterable, Sequence
from typing import Literal

from hookswitch.flow.fields import PromptName
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.prompts import check_prompt, play
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16


class PlaybackNode(Node):
    """Without `answer_first` the prompt is early media: the call is not yet answered."""

    kind: Literal["playback"]
    prompt: PromptName
    answer_first: bool = True


def check(node: PlaybackNode, site: Site) -> Iterable[Finding]:
    return check_prompt("prompt", node.prompt, site)


def emit(node: PlaybackNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    answer = (Step("Answer"),) if node.answer_first else (Step("Progress"),)
    sound = play(node.prompt, site, answered=node.answer_first)
    return (Extension("s", (*answer, sound, wiring.leave(node, "next", cause=NORMAL))),)


def walk(node: PlaybackNode, walker: Walker) -> str:
    if node.answer_first:
        walker.answer()
    walker.play(node.prompt)
    return "next"


KIND = NodeKind(
    name="playback",
    title="Playback",
    group="Basic",
    schema=PlaybackNode,
    outputs=("next",),
    check=check,
    emit=emit,
    walk=walk,
)
