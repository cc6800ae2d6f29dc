"""Compiles calls to the outside: which trunks, what is sent, who may.

A call to the outside is a subroutine, `hs-r<N>-all-outside,s,1`, whoever asks for it: a phone, a
user's forward, an object of the flow, a click. It takes `HS_TO` (the number, already filtered),
`HS_USER` and what `hs-who` says of that user, `HS_RING` (seconds) and `HS_DIAL` (more Dial
options). It leaves `DIALSTATUS`, and `HS_CAUSE` with a cause to end by when nothing was dialled at
all.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from hookswitch.flow.gate import GATE
from hookswitch.flow.node import recall
from hookswitch.flow.outside import Route, dialplan_pattern
from hookswitch.flow.recording import go_on
from hookswitch.flow.records import live, record
from hookswitch.flow.site import Site, SiteUser, Trunk
from hookswitch.model.plan import Context, Extension, Step

ABROAD: Final = ("+", "00", "0011", "011")
CALLED_PARTY_SAID_NO: Final = "^_(404|410|480|484|486|600|603|604)$"
"""The number is wrong or whom it reaches does not want to talk: another trunk would not help."""
NO_TRUNK: Final = 34
REFUSED: Final = 21
UNKNOWN: Final = 1
RING_SECONDS: Final = 120
TELL: Final = Step("GosubIf", '$["${HS_MINE}" = "1"]?hs-calling,s,1')
"""The user whose phone dialled is told of; not if somebody else is called for him."""


def outside_context(revision: int) -> str:
    return f"hs-r{revision}-all-outside"


def route_context(revision: int, route: str) -> str:
    return f"hs-r{revision}-route-{route}"


def trunk_route(trunk: str) -> str:
    """The route that is one trunk and fits everything; no name of the document is like it."""
    return f"via-{trunk}"


def trunk_alone(trunk: str) -> Route:
    """Named as none of the document is."""
    alone = Route(name=trunk, patterns=("+.",), trunks=(trunk,))
    return alone.model_copy(update={"name": trunk_route(trunk)})


def call_outside(
    number: str, seconds: int | str, revision: int, through: str | None = None, options: str = ""
) -> tuple[Step, ...]:
    """Call a number for a caller who did not dial it; he stays who he is.

    `number` and `seconds` may be the engine's own text for one that is filtered already.
    """
    return (
        Step("Set", f"HS_TO={number}"),
        Step("Set", f"HS_RING={seconds}"),
        Step("Set", f"HS_DIAL={options}"),
        Step("Set", "HS_MINE=0"),
        Step("Set", "HS_CAUSE="),
        Step("Set", "DIALSTATUS="),
        Step("Set", "HS_WAS=${CALLERID(num)}"),
        Step("Set", "HS_WAS_PRES=${CALLERID(pres)}"),
        Step("Gosub", f"{through or outside_context(revision)},s,1"),
        Step("Set", "CALLERID(num)=${HS_WAS}"),
        Step("Set", "CALLERID(pres)=${HS_WAS_PRES}"),
    )


def outside_contexts(site: Site, revision: int) -> Iterable[Context]:
    """Choose the route, check the limits, try its trunks."""
    if site.emergency.numbers and site.trunks:
        yield Context(f"hs-r{revision}-all-emergency", _emergency(site, revision))
    yield Context(outside_context(revision), (_choose(site, revision), _outcome(site, revision)))
    if not site.trunks:
        return
    yield _patterns(f"hs-r{revision}-all-blocked", _blocked(site))
    for user in _sorted(site):
        if user.limits.destinations:
            yield _patterns(f"hs-r{revision}-may-{user.extension}", user.limits.destinations)
    for route in site.routes:
        yield _patterns(f"hs-r{revision}-to-{route.name}", route.patterns)
        if route.users:
            users = tuple(Extension(f"u{user}", (Step("NoOp"),)) for user in route.users)
            yield Context(f"hs-r{revision}-for-{route.name}", users)
        yield Context(route_context(revision, route.name), _route(route, site, revision))
    for trunk in site.trunks:
        if trunk.limits.destinations:
            yield _patterns(_sends(revision, trunk), trunk.limits.destinations)
        alone = trunk_alone(trunk.name)
        yield Context(route_context(revision, alone.name), _route(alone, site, revision))


def numbers_context(site: Site) -> Context:
    """What some route fits, whatever the revision."""
    patterns = dict.fromkeys(p for route in site.routes for p in route.patterns)
    listed = (Extension(dialplan_pattern(p), (Step("NoOp"),)) for p in patterns)
    return Context("hs-numbers", tuple(listed))


def outside_entrances(site: Site, revision: int) -> Iterable[Extension]:
    """What phones may dial; own numbers, extensions and codes come before."""
    if site.trunks:
        for number in site.emergency.numbers:
            help_ = (
                Step("Set", f"HS_DEST={number}"),
                Step("Goto", f"hs-r{revision}-all-emergency,s,1"),
            )
            yield Extension(number, help_)
    for pattern in dict.fromkeys(p for route in site.routes for p in route.patterns):
        yield Extension(dialplan_pattern(pattern), _entrance(revision))


def _entrance(revision: int) -> tuple[Step, ...]:
    """What a phone dials is filtered before anything else sees it, or refused."""
    whole = "$[${LEN(${EXTEN})} = ${LEN(${FILTER(0-9+*#,${EXTEN})})}]"
    return (
        GATE,
        Step("Set", "HS_TO=${FILTER(0-9+*#,${EXTEN})}"),
        Step("ExecIf", f"{whole}?NoOp():Hangup({UNKNOWN})"),
        go_on(),  # a call that a phone transfers may be recorded already
        Step("Set", "__HS_VISIT="),
        Step("Set", "__HS_LEG="),
        Step("Set", "HS_DEST=${HS_TO}"),
        _arrived(revision),
        Step("Gosub", "hs-whose,s,1"),
        Step("Set", "HS_MINE=1"),
        Step("Set", f"HS_RING={RING_SECONDS}"),
        Step("Set", "HS_DIAL="),
        Step("Gosub", f"{outside_context(revision)},s,1"),
        Step("Goto", f"{outside_context(revision)},end,1"),
    )


def _arrived(revision: int) -> Step:
    return record("arrived", r=str(revision), number=live("HS_DEST"), pres=live("CALLERID(pres)"))


def _choose(site: Site, revision: int) -> Extension:
    """The first route whose patterns fit and whose users he is one of."""
    steps = [Step("Set", "HS_CAUSE="), Step("Set", "DIALSTATUS=")]
    for route in site.routes:
        fits = f"${{DIALPLAN_EXISTS(hs-r{revision}-to-{route.name},${{HS_TO}},1)}}"
        if route.users:
            fits += f" & ${{DIALPLAN_EXISTS(hs-r{revision}-for-{route.name},u${{HS_USER}},1)}}"
        steps.append(Step("GotoIf", f"$[{fits}]?{route_context(revision, route.name)},s,1"))
    return Extension("s", (*steps, TELL, *_refuse("route", REFUSED)))


def _route(route: Route, site: Site, revision: int) -> tuple[Extension, ...]:
    trunks = [trunk for name in route.trunks for trunk in site.trunks if trunk.name == name]
    context = route_context(revision, route.name)
    rest = f"${{HS_TO:{route.strip}}}" if route.strip else "${HS_TO}"
    steps = (
        Step("Set", f"HS_SEND={route.prepend}{rest}"),
        *_caller_id(route.caller_id, forced=route.force_caller_id),
        *_caller_id(trunks[0].caller_id, forced=False),
        Step("ExecIf", '$["${HS_SHOWN}" != ""]?Set(CALLERID(num)=${HS_SHOWN})'),
        Step("ExecIf", '$["${HS_HIDES}" = "1"]?Set(CALLERID(pres)=prohib)'),
        TELL,
        *_checks(revision, site),
        Step("Set", f"HS_RING=${{IF($[${{HS_RING}} > {route.ring_time}]?{route.ring_time}"
                    ":${HS_RING})}"),
        Step("Goto", f"{context},try0,1"),
    )  # fmt: skip
    return (Extension("s", steps), *_tries(trunks, context, revision))


def _caller_id(number: str | None, *, forced: bool) -> tuple[Step, ...]:
    if number is None:
        return ()
    if forced:
        return (Step("Set", f"HS_SHOWN={number}"),)
    return (Step("ExecIf", f'$["${{HS_SHOWN}}" = ""]?Set(HS_SHOWN={number})'),)


def _checks(revision: int, site: Site) -> Iterable[Step]:
    """What is dialled and what is sent must both be allowed."""
    for text in ("HS_TO", "HS_SEND"):
        exists = f"${{DIALPLAN_EXISTS(hs-r{revision}-all-blocked,${{{text}}},1)}}"
        yield Step("GotoIf", f"$[{exists}]?hs-no,blocked,1")
    if any(user.limits.destinations for user in _sorted(site)):
        may = f"hs-r{revision}-may-${{HS_USER}}"
        limited = f"${{DIALPLAN_EXISTS({may},limited,1)}}"
        fits = f"${{DIALPLAN_EXISTS({may},${{HS_TO}},1)}}"
        yield Step("GotoIf", f"$[{limited} & !{fits}]?hs-no,destination,1")
    yield Step("Gosub", "hs-limits,s,1")
    yield Step("GotoIf", '$["${HS_NO}" != ""]?hs-no,${HS_NO},1')


def _sends(revision: int, trunk: Trunk) -> str:
    return f"hs-r{revision}-sends-{trunk.name}"


def _limits(trunk: Trunk, revision: int, following: str) -> Iterable[Step]:
    """What the trunk may not take goes to the next one, and `HS_NO` says why."""
    if trunk.limits.destinations:
        may = f"${{DIALPLAN_EXISTS({_sends(revision, trunk)},${{HS_SEND}},1)}}"
        yield Step("ExecIf", f"$[{may} = 0]?Set(HS_NO=trunk_destination)")
        yield Step("GotoIf", f"$[{may} = 0]?{following}")
    if trunk.limits.per_minute:
        yield Step("Gosub", f"hs-rate,s,1(trunk_{trunk.name},{trunk.limits.per_minute})")
        yield Step("ExecIf", '$["${HS_NO}" != ""]?Set(HS_NO=trunk_per_minute)')
        yield Step("GotoIf", f'$["${{HS_NO}}" != ""]?{following}')
    yield Step("Set", "HS_NO=")


def _tries(trunks: Sequence[Trunk], context: str, revision: int) -> tuple[Extension, ...]:
    """One trunk after another, as long as it is the trunk that fails and not the called party."""
    found = []
    for place, trunk in enumerate(trunks):
        following = f"try{place + 1},1"
        rang = '"${DIALSTATUS}" = "NOANSWER"'
        contact = f"${{PJSIP_AOR(trunk-{trunk.name},contact)}}"
        away = f'"${{PJSIP_CONTACT({contact},status)}}" = "Unreachable"'
        room = f"${{GROUP_COUNT(trunk-{trunk.name}@hs-trunk)}} >= {trunk.max_channels}"
        steps = (
            *((Step("GotoIf", f"$[{away}]?{context},{following}"),) if trunk.is_watched else ()),
            *((Step("GotoIf", f"$[{room}]?{context},{following}"),) if trunk.max_channels else ()),
            *_limits(trunk, revision, f"{context},{following}"),
            Step("HangupCauseClear"),
            Step(
                "Dial",
                f"PJSIP/${{HS_SEND}}@trunk-{trunk.name},${{HS_RING}},"
                "gib(hs-trunk-dev^s^1)${HS_DIAL}${HS_SAYS}",
            ),
            Step("GotoIf", f'$["${{DIALSTATUS}}" = "ANSWER"]?{context},done,1'),
            Step("GotoIf", f'$["${{DIALSTATUS}}" = "BUSY"]?{context},done,1'),
            Step("Set", "HS_SIP=${HANGUPCAUSE(${HANGUPCAUSE_KEYS()},tech)}"),
            Step("Set", "HS_SIP=${FILTER(0-9,${HS_SIP:4:3})}"),
            Step("GotoIf", f'${{REGEX("{CALLED_PARTY_SAID_NO}" _${{HS_SIP}})}}?{context},done,1'),
            Step("GotoIf", f"$[{rang} & 0${{HS_SIP}} > 0 & 0${{HS_SIP}} < 200]?{context},done,1"),
            Step("Goto", f"{context},{following}"),
        )
        found.append(Extension(f"try{place}", steps))
    none = (
        Step("GotoIf", '$["${HS_NO}" != ""]?hs-no,${HS_NO},1'),
        *_refuse("trunk", NO_TRUNK),
    )
    return (*found, Extension(f"try{len(trunks)}", none), _done())


def _done() -> Extension:
    return Extension("done", (Step("Return"),))


def _refuse(reason: str, cause: int) -> tuple[Step, ...]:
    return (
        record("refused", why=reason),
        Step("Set", f"HS_CAUSE={cause}"),
        Step("Return"),
    )


def _outcome(site: Site, revision: int) -> Extension:
    """End a phone's call as the called party's end did; one it transferred comes back to it."""
    cause = "${HS_CAUSE}"
    over = recall(revision, cause) if site.transfers.recall else Step("Hangup", cause)
    return Extension(
        "end",
        (
            Step("GotoIf", f'$["${{HS_CAUSE}}" != ""]?{outside_context(revision)},end,why'),
            Step("ExecIf", '$["${DIALSTATUS}" = "ANSWER"]?Hangup(16)'),
            Step("Set", "HS_CAUSE=${IF($[0${HANGUPCAUSE} > 0]?${HANGUPCAUSE}:34)}"),
            Step("ExecIf", '$["${DIALSTATUS}" = "BUSY"]?Set(HS_CAUSE=17)'),
            Step("ExecIf", '$["${DIALSTATUS}" = "NOANSWER"]?Set(HS_CAUSE=19)'),
            replace(over, label="why"),
        ),
    )


def _emergency(site: Site, revision: int) -> tuple[Extension, ...]:
    first = [trunk for name in site.emergency.trunks for trunk in site.trunks if trunk.name == name]
    trunks = [*first, *(trunk for trunk in site.trunks if trunk not in first)]
    dials = [
        Step("Dial", f"PJSIP/${{HS_DEST}}@trunk-{trunk.name},{RING_SECONDS},ib(hs-dev^s^1)")
        for trunk in trunks
    ]
    steps = (
        Step("Set", "__HS_LEG="),
        Step("Gosub", "hs-whose,s,1"),
        Step("ExecIf", '$["${HS_SHOWN}" != ""]?Set(CALLERID(num)=${HS_SHOWN})'),
        _arrived(revision),
        Step("Gosub", "hs-calling,s,1"),
        *dials,
        Step("Hangup", str(NO_TRUNK)),
    )
    return (Extension("s", steps),)


def _blocked(site: Site) -> Sequence[str]:
    """An emergency number stays free even if it begins like a blocked one."""
    prefixes = site.outside.blocked
    forms = (
        f"{begin}{prefix.removeprefix('+')}!"
        for prefix in prefixes
        for begin in (ABROAD if prefix.startswith("+") else ("",))
    )
    return tuple(dict.fromkeys(forms))


def _patterns(name: str, patterns: Iterable[str]) -> Context:
    """A list to look up a number in; `limited` tells that there is one."""
    listed = (Extension(dialplan_pattern(p), (Step("NoOp"),)) for p in dict.fromkeys(patterns))
    return Context(name, (*listed, Extension("limited", (Step("NoOp"),))))


def _sorted(site: Site) -> list[SiteUser]:
    return [site.users[extension] for extension in sorted(site.users)]
