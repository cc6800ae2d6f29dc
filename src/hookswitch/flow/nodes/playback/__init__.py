"""Playback: plays a prompt to the caller and goes on."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator

from hookswitch.flow.fields import MailboxPin, PromptName, Text, wrong
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.nodes.playback.record import ENTRANCE, extensions
from hookswitch.flow.prompts import check_prompt, play
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16


def _code(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 4):
        wrong("it is not a code", "write 1 to 4 digits, which phones dial after *77")
    return value


class PlaybackNode(Node):
    """Without `answer_first` the prompt is early media: the call is not yet answered.

    Users' phones record the prompt by dialling `record_code` after *77 (or what `feature_codes`
    has for it), and `record_pin`; it need not be there before.
    """

    kind: Literal["playback"]
    prompt: PromptName
    answer_first: bool = True
    record_code: Annotated[Text, AfterValidator(_code)] | None = None
    record_pin: MailboxPin | None = None


def check(node: PlaybackNode, site: Site) -> Iterable[Finding]:
    if node.record_code is None:
        yield from check_prompt("prompt", node.prompt, site)
        if node.record_pin is not None:
            yield Finding("record_pin", "no code asks for it", "give a record_code, or remove it")
    elif node.record_pin is None:
        yield Finding("record_pin", "any phone could record", "give 4 to 10 digits")


def codes(node: PlaybackNode, site: Site) -> Iterable[tuple[str, str]]:
    if node.record_code is not None and site.codes.record_prompt is not None:
        yield f"{site.codes.record_prompt}{node.record_code}", ENTRANCE


def emit(node: PlaybackNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    answer = (Step("Answer"),) if node.answer_first else (Step("Progress"),)
    sound = play(node.prompt, site, answered=node.answer_first)
    played = Extension("s", (*answer, sound, wiring.leave(node, "next", cause=NORMAL)))
    recorded = extensions(node, site, wiring) if node.record_code is not None else ()
    return (played, *recorded)


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
    codes=codes,
)
