"""Ringing one user: one leg, however many devices."""

from collections.abc import Sequence

from msgspec.structs import replace

from hookswitch.flow.members import ANSWERED
from hookswitch.flow.node import Node, Wiring
from hookswitch.flow.recording import go_on
from hookswitch.flow.records import literal, record
from hookswitch.flow.routes import call_outside
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.states import dialled, has_forward, is_undisturbed
from hookswitch.model.plan import Extension, Step

NORMAL = 16
BUSY = 17
NO_ANSWER = 19
UNREACHABLE = 20


def dial_user(
    user: SiteUser,
    ring_time: int,
    node: Node,
    site: Site,
    wiring: Wiring,
    *,
    forwards: bool = True,
) -> Sequence[Extension]:
    """Try the user, then leave by the output that fits how it went.

    One who is not to be disturbed is busy without being rung. With `forwards`, whom he forwards
    his calls to is rung as part of his own leg, at once or when he was busy or did not answer.

    The leg's id is this channel's unique id and a counter. Dial option `i`: a phone's 302 must
    not dial out; `g`: the flow goes on when the user hangs up; `b`: binds each device's channel
    to the leg. 603 arrives as CHANUNAVAIL with cause 21 and means the user declined.
    """
    context, extension = wiring.context, user.extension
    options = f"{ring_time},gib(hs-dev^s^1){_answered(user)}"
    offline = wiring.leave(node, "offline", cause=UNREACHABLE)
    begin = (
        *_announce(user, site),
        go_on(),
        Step("Set", "HS_N=$[0${HS_N} + 1]"),
        Step("Set", "__HS_LEG=${UNIQUEID}.${HS_N}"),
        record(
            "try",
            leg="${HS_LEG}",
            visit="${HS_VISIT}",
            ext=literal(extension),
            name=literal(user.name),
        ),
        Step("GotoIf", f"{is_undisturbed(extension)}?{context},DND,1"),
        Step("Set", f"HS_TO={dialled(user)}"),
        *((Step("Set", "HS_OUT="), Step("Set", "HS_FORWARDED=")) if forwards else ()),
    )
    own = user.forward
    has = "1" if own.always else has_forward(extension)
    at_once = (
        Step("GosubIf", f"{has}?hs-forward,always,1({extension},{own.always or ''})"),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
    )
    has = "1" if own.busy or own.no_answer or own.offline else has_forward(extension)
    later = Step("GotoIf", f"{has}?{context},FORWARD,1")
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
    forward = (
        Step("Gosub", f"hs-forward,after,1({extension},{_later(user)})"),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
        Step("ExecIf", f'$["${{HS_TO}}" != ""]?Dial(${{HS_TO}},{options})'),
        Step("Goto", f"{context},s,tried"),
    )
    away = _away(user, options, wiring) if forwards and own.offline else ()
    return (
        Extension("s", steps),
        Extension("DND", (record("tried", leg="${HS_LEG}", st="DND"), busy)),
        Extension("NODEVICE", (*away, record("tried", leg="${HS_LEG}", st="NODEVICE"), offline)),
        *(
            ()
            if not forwards
            else (Extension("FORWARD", forward), _outside(user, ring_time, wiring))
        ),
        Extension("NOANSWER", (rang, wiring.leave(node, "no_answer", cause=NO_ANSWER))),
        Extension("ANSWER", (rang, wiring.leave(node, "ended", cause=NORMAL))),
        Extension("BUSY", (busy,)),
    )


def _later(user: SiteUser) -> str:
    own = user.forward
    return ",".join(target or "" for target in (own.busy, own.no_answer, own.offline))


def _away(user: SiteUser, options: str, wiring: Wiring) -> tuple[Step, ...]:
    """Nothing could be dialled at all: whom the user named for that, unless he forwards always."""
    context = wiring.context
    return (
        Step("Set", f"HS_TARGET={user.forward.offline}"),
        Step("GosubIf", '$["${HS_FORWARDED}" != "1"]?hs-forward,to,1'),
        Step("GotoIf", f'$["${{HS_OUT}}" != ""]?{context},OUTSIDE,1'),
        Step("ExecIf", f'$["${{HS_TO}}" != ""]?Dial(${{HS_TO}},{options})'),
        Step("GotoIf", f'$["${{HS_TO}}" != ""]?{context},s,tried'),
    )


def _outside(user: SiteUser, ring_time: int, wiring: Wiring) -> Extension:
    """Call the number outside that the user forwards to: his leg, his routes, his limits."""
    limits = f"{user.limits.at_once or 0}-{user.limits.per_minute or 0}"
    keep = user.forward.keep_caller
    shown = "${FILTER(0-9+,${CALLERID(num)})}" if keep else user.shown or ""
    steps = (
        Step("Set", f"HS_USER={user.extension}"),
        Step("Set", f"HS_LIMITS={limits}"),
        Step("Set", f"HS_SHOWN={shown}"),
        Step("Set", f"HS_HIDES={int(user.hides and not keep)}"),
        *call_outside("${HS_OUT}", ring_time, wiring.revision),
        Step("ExecIf", '$["${HS_CAUSE}" != ""]?Set(DIALSTATUS=CHANUNAVAIL)'),
        Step("Goto", f"{wiring.context},s,tried"),
    )
    return Extension("OUTSIDE", steps)


def _answered(user: SiteUser) -> str:
    return ANSWERED if user.records_inbound else ""


def _announce(user: SiteUser, site: Site) -> tuple[Step, ...]:
    """Tell the caller before the user is rung that what he says will be recorded."""
    if user.announcement is None:
        return ()
    return (Step("Gosub", f"hs-announce,s,1({site.prompt_dir}/{user.announcement})"),)
