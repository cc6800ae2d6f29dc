"""Conference: a room in which all callers hear each other."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

from pydantic import Field

from hookswitch.flow.fields import MailboxPin, ObjectId
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.recording import Recorded, begin, check_record, end
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
PIN_TRIES: Final = 3
PIN_DIGITS: Final = 10
PIN_SECONDS: Final = 10
KEYS: Final = {"#": "leave_conference", "*1": "toggle_mute"}
ADMIN_KEYS: Final = {"*2": "admin_toggle_conference_lock", "*3": "admin_kick_last"}


class ConferenceNode(Node):
    """Objects with the same `room` lead to the same callers. `#` leaves and `*1` mutes; who came
    by `admin_pin` also locks the room by `*2` and removes who came last by `*3`.
    """

    kind: Literal["conference"]
    room: ObjectId
    pin: MailboxPin | None = None
    admin_pin: MailboxPin | None = None
    announce_joins: bool = True
    max_members: Annotated[int, Field(ge=2, le=1000, strict=True)] | None = None
    record: Recorded = None


def check(node: ConferenceNode, site: Site) -> Iterable[Finding]:
    if node.pin is not None and node.pin == node.admin_pin:
        yield Finding("admin_pin", "it is the same as the pin", "choose another")
    yield from check_record("record", node.record, site)


def emit(node: ConferenceNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    context = wiring.context
    start = (Step("Answer"), *begin(node.record, node.id, site), Step("Set", "HS_TRIES=0"))
    asked = _ask(node, context) if node.pin or node.admin_pin else (_goto(context, "user"),)
    sounds = {"locked": "confbridge-locked", "full": "conf-full"}
    return (
        Extension("s", (*start, *asked)),
        Extension("user", (*_refuse(node, context), *_join(node), _goto(context, "left"))),
        Extension("admin", (*_join(node, admin=True), _goto(context, "left"))),
        *(Extension(e, (Step("Playback", s), _goto(context, "left"))) for e, s in sounds.items()),
        Extension("left", (*end(node.record, node.id), wiring.leave(node, "left", cause=NORMAL))),
    )


def _refuse(node: ConferenceNode, context: str) -> Iterable[Step]:
    """The engine would hang up whom it does not let in."""
    room = f"hs-{node.room}"
    yield Step("GotoIf", f"$[0${{CONFBRIDGE_INFO(locked,{room})}}]?{context},locked,1")
    if node.max_members is not None:
        parties = f"0${{CONFBRIDGE_INFO(parties,{room})}}"
        yield Step("GotoIf", f"$[{parties} >= {node.max_members}]?{context},full,1")


def _ask(node: ConferenceNode, context: str) -> Iterable[Step]:
    """The answer can hold keys only, so it may stand in an expression."""
    yield Step("Read", f"HS_PIN,conf-getpin,{PIN_DIGITS}", label="pin")
    yield Step("GotoIf", f'$["${{HS_PIN}}" = "{_digits(node.pin)}"]?{context},user,1')
    if node.admin_pin:
        yield Step("GotoIf", f'$["${{HS_PIN}}" = "{_digits(node.admin_pin)}"]?{context},admin,1')
    yield Step("Set", "HS_TRIES=$[0${HS_TRIES} + 1]")
    yield Step("GotoIf", f"$[${{HS_TRIES}} >= {PIN_TRIES}]?{context},left,1")
    yield Step("Playback", "conf-invalidpin")
    yield Step("Goto", f"{context},s,pin")


def _digits(pin: MailboxPin | None) -> str:
    return "" if pin is None else pin.get_secret_value()


def _join(node: ConferenceNode, *, admin: bool = False) -> Iterable[Step]:
    profiles = {
        "bridge": {} if node.max_members is None else {"max_members": str(node.max_members)},
        "user": {
            "announce_only_user": "no",
            **({} if node.announce_joins else {"quiet": "yes"}),
            **({"admin": "yes"} if admin else {}),
        },
        "menu": KEYS | (ADMIN_KEYS if admin else {}),
    }
    for profile, options in profiles.items():
        yield Step("Set", f"CONFBRIDGE({profile},clear)=")
        for option, value in options.items():
            yield Step("Set", f"CONFBRIDGE({profile},{option})={value}")
    yield Step("ConfBridge", f"hs-{node.room}")


def _goto(context: str, extension: str) -> Step:
    return Step("Goto", f"{context},{extension},1")


def walk(node: ConferenceNode, walker: Walker) -> str:
    walker.answer()
    if (node.pin or node.admin_pin) and not _lets_in(node, walker):
        return "left"
    if node.record:
        walker.record(node.id)
    walker.stay()
    if node.record:
        walker.end_record(node.id)
    return "left"


def _lets_in(node: ConferenceNode, walker: Walker) -> bool:
    pins = {_digits(pin) for pin in (node.pin, node.admin_pin) if pin}
    return any(walker.key(PIN_SECONDS) in pins for _ in range(PIN_TRIES))


KIND = NodeKind(
    name="conference",
    title="Conference",
    group="Advanced options",
    schema=ConferenceNode,
    outputs=("left",),
    check=check,
    emit=emit,
    walk=walk,
)
