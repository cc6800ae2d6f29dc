"""Members of queues and ring groups: users, each rung on all devices."""

from collections.abc import Iterable, Sequence

from hookswitch.flow.node import Finding, Wiring
from hookswitch.flow.recording import go_on
from hookswitch.flow.records import literal, record
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.states import is_undisturbed
from hookswitch.model.plan import Step

PREDIAL = "b(hs-member^s^1)"
"""Binds each member's channel to its user and to the visit."""
ANSWERED = "U(hs-answered)"
"""Records whose own calls are to be recorded, once he has answered."""
RING_CONTEXT = "hs-ring"
HINT_CONTEXT = "hs-hints"


def interface(user: SiteUser) -> str:
    """One device is rung directly; several through a Local channel that rings them all."""
    if len(user.devices) == 1:
        return f"PJSIP/{user.devices[0].username}"
    return f"Local/{user.extension}@{RING_CONTEXT}/n"


def free(users: Sequence[SiteUser]) -> tuple[Step, ...]:
    """Set `HS_M` to `&` and what to dial for each who may be disturbed."""
    some = (
        Step(
            "ExecIf",
            f"{is_undisturbed(user.extension)}?NoOp():Set(HS_M=${{HS_M}}&{interface(user)})",
        )
        for user in users
    )
    return (Step("Set", "HS_M="), *some)


def check_members(members: Sequence[str], site: Site) -> Iterable[Finding]:
    seen: set[str] = set()
    for index, extension in enumerate(members):
        field = f"members.{index}"
        if extension in seen:
            yield Finding(field, f"{extension} is there twice", "remove one")
        if extension not in site.users:
            known = ", ".join(sorted(site.users)[:5]) or "none yet"
            yield Finding(
                field, f"there is no user {extension}", f"name one of those there are ({known})"
            )
        seen.add(extension)


def enter(kind: str, node_id: str, name: str) -> tuple[Step, ...]:
    """Begin a visit; members' channels inherit its id."""
    return (
        go_on(),
        Step("Set", "HS_VISITS=$[0${HS_VISITS} + 1]"),
        Step("Set", "__HS_VISIT=${UNIQUEID}.v${HS_VISITS}"),
        record(
            "enter",
            visit="${HS_VISIT}",
            kind=kind,
            node=literal(node_id),
            name=literal(name),
        ),
    )


def left(status: str) -> tuple[Step, ...]:
    """The call goes on; a channel dialled later is none of the visit's."""
    return (
        record("left", visit="${HS_VISIT}", st=status),
        Step("Set", "__HS_VISIT="),
    )


def given_up() -> Step:
    """Nobody answered this round: the next member is rung after the last one's records."""
    return record("given_up", visit="${HS_VISIT}")


def ring_time_left(wiring: Wiring, label: str, total: int) -> tuple[Step, ...]:
    """Leave by `label` once the visit took its total time, in seconds."""
    return (Step("GotoIf", f"$[${{EPOCH}} - ${{HS_T0}} >= {total}]?{wiring.context},{label},1"),)
