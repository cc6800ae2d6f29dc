"""Ringing one user: one leg, however many devices."""

from collections.abc import Sequence

from hookswitch.flow.members import ANSWERED
from hookswitch.flow.node import Node, Wiring
from hookswitch.flow.records import literal, record
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Extension, Step

NORMAL = 16
BUSY = 17
NO_ANSWER = 19
UNREACHABLE = 20


def dial_user(
    user: SiteUser, ring_time: int, node: Node, site: Site, wiring: Wiring
) -> Sequence[Extension]:
    """Try the user, then leave by the output that fits how it went.

    The leg's id is this channel's unique id and a counter. Dial option `i`: a phone's 302 must
    not dial out; `g`: the flow goes on when the user hangs up; `b`: binds each device's channel
    to the leg. 603 arrives as CHANUNAVAIL with cause 21 and means the user declined.
    """
    context = wiring.context
    devices = "&".join(f"PJSIP/{device.username}" for device in user.devices)
    dial = Step("Dial", f"{devices},{ring_time},gib(hs-dev^s^1){_answered(user)}")
    offline = wiring.leave(node, "offline", cause=UNREACHABLE)
    begin = (
        *_announce(user, site),
        Step("Set", "HS_N=$[0${HS_N} + 1]"),
        Step("Set", "__HS_LEG=${UNIQUEID}.${HS_N}"),
        record(
            "try",
            leg="${HS_LEG}",
            visit="${HS_VISIT}",
            ext=literal(user.extension),
            name=literal(user.name),
        ),
    )
    if not devices:  # nothing is dialled: DIALSTATUS and HANGUPCAUSE tell of an earlier attempt
        return (Extension("s", (*begin, record("tried", leg="${HS_LEG}", st="NODEVICE"), offline)),)
    steps = (
        *begin,
        dial,
        record("tried", leg="${HS_LEG}", st="${DIALSTATUS}"),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "NOANSWER"]?{context},NOANSWER,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},ANSWER,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}" = "BUSY"]?{context},BUSY,1'),
        Step("GotoIf", f'$["${{DIALSTATUS}}${{HANGUPCAUSE}}" = "CHANUNAVAIL21"]?{context},BUSY,1'),
        offline,
    )
    rang = Step("Set", "HS_HOPS=0")
    return (
        Extension("s", steps),
        Extension("NOANSWER", (rang, wiring.leave(node, "no_answer", cause=NO_ANSWER))),
        Extension("ANSWER", (rang, wiring.leave(node, "ended", cause=NORMAL))),
        Extension("BUSY", (wiring.leave(node, "busy", cause=BUSY),)),
    )


def _answered(user: SiteUser) -> str:
    return ANSWERED if user.records_inbound else ""


def _announce(user: SiteUser, site: Site) -> tuple[Step, ...]:
    """Tell the caller before the user is rung that what he says will be recorded."""
    if user.announcement is None:
        return ()
    return (Step("Gosub", f"hs-announce,s,1({site.prompt_dir}/{user.announcement})"),)
