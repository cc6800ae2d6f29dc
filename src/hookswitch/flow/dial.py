"""Ringing one user: one leg, however many devices."""

from collections.abc import Sequence

from msgspec.structs import replace

from hookswitch.flow.callee import Callee
from hookswitch.flow.node import Node, Wiring
from hookswitch.flow.recording import go_on
from hookswitch.flow.records import record
from hookswitch.flow.routes import call_outside
from hookswitch.flow.states import is_undisturbed
from hookswitch.model.plan import Extension, Step

NORMAL = 16
BUSY = 17
NO_ANSWER = 19
UNREACHABLE = 20


def dial_user(
    user: Callee,
    node: Node,
    wiring: Wiring,
    *,
    forwards: bool = True,
) -> Sequence[Extension]:
    """Try the user, then leave by the output that fits how it went.

    One who is not to be disturbed is busy without being rung. With `forwards`, whom he forwards
    his calls to is rung as part of his own leg, at once or when he was busy or did not answer.

    The leg's id is this channel's unique id and a counter. Dial option `i`: a phone's 302 must
    not dial out; `g`: the flow goes on when the user hangs up; `b`: binds each device's channel
    to the leg; `HS_SAYS` tells the user that the caller, another user, records. 603 arrives as
    CHANUNAVAIL with cause 21 and means the user declined.
    """
    context, extension = wiring.context, user.extension
    options = f"{user.seconds},gib(hs-dev^s^1){user.answered}${{HS_SAYS}}"
    offline = wiring.leave(node, "offline", cause=UNREACHABLE)
    begin = (
        *user.announced,
        go_on(),
        Step("Set", "HS_N=$[0${HS_N} + 1]"),
        Step("Set", "__HS_LEG=${UNIQUEID}.${HS_N}"),
        record(
            "try",
            leg="${HS_LEG}",
            visit="${HS_VISIT}",
            ext=extension,
            name=user.name,
        ),
        Step("GotoIf", f"{is_undisturbed(extension)}?{context},DND,1"),
        Step("Set", f"HS_TO={user.devices}"),
        *((Step("Set", "HS_OUT="), Step("Set", "HS_FORWARDED=")) if forwards else ()),
    )
    at_once = (
        Step("GosubIf", f"{user.has_always}?hs-forward,always,1({extension},{user.always})"),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
    )
    later = Step("GotoIf", f"{user.has_later}?{context},FORWARD,1")
    nobody = Step("GotoIf", f'$["${{HS_TO}}" = ""]?{context},NODEVICE,1')
    steps = (
        *begin,
        *(at_once if forwards else ()),
        # nothing is dialled then: DIALSTATUS and HANGUPCAUSE tell of an earlier attempt
        *((nobody,) if forwards or not user.devices else ()),
        Step("Dial", f"${{HS_TO}},{options}"),
        *((later,) if forwards else ()),
        replace(record("tried", leg="${HS_LEG}", st="${DIALSTATUS}"), label="tried"),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "NOANSWER"]?{context},NOANSWER,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},ANSWER,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "BUSY"]?{context},BUSY,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}${{HANGUPCAUSE}}" = "CHANUNAVAIL21"]?{context},BUSY,1'),
        offline,
    )
    rang = Step("Set", "HS_HOPS=0")
    busy = wiring.leave(node, "busy", cause=BUSY)
    targets = f"{user.busy},{user.no_answer},{user.offline}"
    forward = (
        Step("Gosub", f"hs-forward,after,1({extension},{targets})"),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
        Step("ExecIf", f'$["${{HS_TO}}" != ""]?Dial(${{HS_TO}},{options})'),
        Step("Goto", f"{context},s,tried"),
    )
    away = _away(user, options, wiring) if forwards and user.offline else ()
    nothing = record("tried", leg="${HS_LEG}", st="NODEVICE")
    return (
        Extension("s", steps),
        Extension("DND", (record("tried", leg="${HS_LEG}", st="DND"), busy)),
        Extension("NODEVICE", (*away, replace(nothing, label="nothing" if away else ""), offline)),
        *(() if not forwards else (Extension("FORWARD", forward), _outside(user, wiring))),
        Extension("NOANSWER", (rang, wiring.leave(node, "no_answer", cause=NO_ANSWER))),
        Extension("ANSWER", (rang, wiring.leave(node, "ended", cause=NORMAL))),
        Extension("BUSY", (busy,)),
    )


def _away(user: Callee, options: str, wiring: Wiring) -> tuple[Step, ...]:
    """Nothing could be dialled at all: whom the user named for that, unless he forwards always."""
    context = wiring.context
    return (
        Step("GotoIf", f'$["{user.offline}" = ""]?{context},NODEVICE,nothing'),
        Step("Set", f"HS_TARGET={user.offline}"),
        Step("GosubIf", '$["${HS_FORWARDED}" != "1"]?hs-forward,to,1'),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
        Step("ExecIf", f'$["${{HS_TO}}" != ""]?Dial(${{HS_TO}},{options})'),
        Step("GotoIf", f'$["${{HS_TO}}" != ""]?{context},s,tried'),
    )


def _outside(user: Callee, wiring: Wiring) -> Extension:
    """Call the number outside that the user forwards to: his leg, his routes, his limits."""
    steps = (
        Step("Set", f"HS_USER={user.extension}"),
        Step("Set", f"HS_LIMITS={user.limits}"),
        Step("Set", f"HS_SHOWN={user.shown}"),
        Step("Set", f"HS_HIDES={user.hides}"),
        Step("Set", f"_HS_ASKS={user.confirm}"),
        Step("Set", "ANSWEREDTIME="),
        *call_outside("${HS_OUT}", user.seconds, wiring.revision, options=user.confirm),
        Step("Set", "_HS_ASKS="),
        # answered, and never talked to: the key was not pressed
        Step("ExecIf", '$["${DIALSTATUS}${ANSWEREDTIME}" = "ANSWER"]?Set(DIALSTATUS=NOANSWER)'),
        Step("ExecIf", '$["${HS_CAUSE}" != ""]?Set(DIALSTATUS=CHANUNAVAIL)'),
        Step("Goto", f"{wiring.context},s,tried"),
    )
    return Extension("OUTSIDE", steps)
