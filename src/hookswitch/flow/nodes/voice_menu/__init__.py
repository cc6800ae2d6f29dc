"""Voice menu (IVR): plays a greeting and goes on by the key that the caller presses."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from hookswitch.flow.fields import PromptName
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.prompts import check_prompt
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
KEYS: Final = {**{f"digit_{digit}": digit for digit in "0123456789"}, "star": "*", "hash": "#"}
INVALID_SOUND: Final = "pbx-invalid"
"""The engine's own: it is played when there is no `invalid_prompt`."""


class VoiceMenuNode(Node):
    """Seconds: `timeout` for the first key after the greeting, `digit_timeout` for each further
    one. After a wrong key or none the greeting comes again, `retries` times in all.
    """

    kind: Literal["voice_menu"]
    greeting: PromptName | None = None
    dial_extensions: bool = False
    timeout: Annotated[int, Field(ge=1, le=60, strict=True)] = 10
    digit_timeout: Annotated[int, Field(ge=1, le=10, strict=True)] = 5
    retries: Annotated[int, Field(ge=0, le=10, strict=True)] = 2
    invalid_prompt: PromptName | None = None
    timeout_prompt: PromptName | None = None


def check(node: VoiceMenuNode, site: Site) -> Iterable[Finding]:
    if not node.dial_extensions and not any(key in node.outputs for key in KEYS):
        yield Finding(
            "outputs", "no key leads anywhere", "connect one, such as the output 'digit_1'"
        )
    for field in ("greeting", "invalid_prompt", "timeout_prompt"):
        yield from check_prompt(field, getattr(node, field), site)


def emit(node: VoiceMenuNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    """The engine collects the keys; only what is listed here can be dialled."""
    keys = (
        Extension(key, (wiring.leave(node, output, cause=NORMAL),))
        for output, key in KEYS.items()
        if output in node.outputs
    )
    users = sorted(site.users) if node.dial_extensions else ()
    return (
        _menu(node, site),
        *keys,
        *(Extension(extension, (wiring.ring(extension),)) for extension in users),
        _again("i", node, "invalid", _sound(node.invalid_prompt, site, INVALID_SOUND), wiring),
        _again("t", node, "timeout", _sound(node.timeout_prompt, site), wiring),
        Extension("invalid", (wiring.leave(node, "invalid", cause=NORMAL),)),
        Extension("timeout", (wiring.leave(node, "timeout", cause=NORMAL),)),
    )


def _menu(node: VoiceMenuNode, site: Site) -> Extension:
    ask = (*_sound(node.greeting, site), Step("WaitExten", str(node.timeout)))
    first, *others = ask
    steps = (
        Step("Answer"),
        Step("Set", "HS_TRIES=0"),
        Step("Set", f"TIMEOUT(digit)={node.digit_timeout}"),
        Step(first.app, first.args, "menu"),
        *others,
    )
    return Extension("s", steps)


def _again(
    match: str, node: VoiceMenuNode, output: str, sound: tuple[Step, ...], wiring: Wiring
) -> Extension:
    """Another try if any is left."""
    context = wiring.context
    count = Step("Set", "HS_TRIES=$[0${HS_TRIES} + 1]")
    enough = Step("GotoIf", f"$[${{HS_TRIES}} > {node.retries}]?{context},{output},1")
    return Extension(match, (count, enough, *sound, Step("Goto", f"{context},s,menu")))


def _sound(prompt: str | None, site: Site, otherwise: str = "") -> tuple[Step, ...]:
    """A key pressed meanwhile counts."""
    sound = otherwise if prompt is None else f"{site.prompt_dir}/{prompt}"
    return (Step("Background", sound),) if sound else ()


def walk(node: VoiceMenuNode, walker: Walker) -> str | None:
    walker.answer()
    for _ in range(node.retries + 1):
        walker.play(node.greeting)
        pressed = walker.key(node.timeout)
        output = next((output for output, key in KEYS.items() if key == pressed), None)
        if output in node.outputs:
            return output
        if node.dial_extensions and pressed in walker.site.users:
            walker.ring(pressed, walker.site.users[pressed].ring_time)
            return None
        walker.play(node.invalid_prompt if pressed else node.timeout_prompt)
    return "invalid" if pressed else "timeout"


KIND = NodeKind(
    name="voice_menu",
    title="Voice menu",
    group="Basic",
    schema=VoiceMenuNode,
    outputs=(*KEYS, "timeout", "invalid"),
    check=check,
    emit=emit,
    walk=walk,
)
