"""Voicemail: records a message into a box, tells by event and email."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.fields import (
    EmailAddress,
    ExtensionNumber,
    PromptName,
    SpokenText,
    Template,
    Voice,
)
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.prompts import check_prompt, play
from hookswitch.flow.records import literal
from hookswitch.flow.site import Site
from hookswitch.flow.spoken import Spoken, play_spoken
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16


class VoicemailNode(Node):
    """`greeting`: `recorded` plays the box owner's own if there is one, `default` only the request
    to leave a message, `prompt` the named prompt, `text` speaks `text` in the language of `voice`.
    Emails go out when a message was left; without `emails`, to the users whose box it is.
    """

    kind: Literal["voicemail"]
    box: ExtensionNumber
    greeting: Literal["recorded", "default", "prompt", "text"] = "recorded"
    prompt: PromptName | None = None
    text: SpokenText | None = None
    voice: Voice = "en"
    max_seconds: Annotated[int, Field(ge=5, le=3600, strict=True)] = 180
    emails: tuple[EmailAddress, ...] = ()
    subject: Template = "Voicemail from {caller_id}"
    message: Template = (
        "{caller_name} ({caller_id}) called {dest_number} and left a message in box {box}"
        " at {recorded_at}."
    )
    attach_audio: bool = True
    delete_after_sending: bool = False


def check(node: VoicemailNode, site: Site) -> Iterable[Finding]:
    if node.box not in site.mailboxes:
        known = ", ".join(sorted(site.mailboxes)[:5]) or "none yet"
        yield Finding(
            "box",
            f"there is no mailbox {node.box}",
            f"add it to `mailboxes`, or name one of those there are ({known})",
        )
    if (node.greeting == "prompt") != (node.prompt is not None):
        yield Finding("prompt", "it goes with greeting: prompt", "give both or none of them")
    if (node.greeting == "text") != (node.text is not None):
        yield Finding("text", "it goes with greeting: text", "give both or none of them")
    if node.delete_after_sending and not (node.emails or site.owners(node.box)):
        yield Finding("emails", "nobody would get the message", "add an address")
    yield from check_prompt("prompt", node.prompt, site)


def spoken(node: VoicemailNode) -> tuple[Spoken, ...]:
    return () if node.text is None else (Spoken(node.text, node.voice),)


def emit(node: VoicemailNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    """The handler tells of the message when the caller hangs up, the Gosub when he presses #."""
    options = {"recorded": "u", "default": ""}.get(node.greeting, "s")
    greeting: tuple[Step, ...] = () if node.prompt is None else (play(node.prompt, site),)
    greeting += tuple(play_spoken(one, site) for one in spoken(node))
    return (
        Extension(
            "s",
            (
                Step("Answer"),
                Step("Set", f"HS_VM={literal(node.id)}"),
                Step("Set", "VM_MESSAGEFILE="),
                Step("Set", "CHANNEL(hangup_handler_push)=hs-voicemail,s,1"),
                *greeting,
                Step("VoiceMail", f"{node.box}@default,{options}"),
                Step("Set", "CHANNEL(hangup_handler_pop)="),
                Step("Gosub", "hs-voicemail,s,1"),
                wiring.leave(node, "done", cause=NORMAL),
            ),
        ),
    )


def walk(node: VoicemailNode, walker: Walker) -> str:
    walker.answer()
    walker.play(node.prompt)
    walker.message(node.id, node.max_seconds)
    return "done"


KIND = NodeKind(
    name="voicemail",
    title="Voicemail",
    group="Basic",
    schema=VoicemailNode,
    outputs=("done",),
    check=check,
    emit=emit,
    walk=walk,
    spoken=spoken,
)
