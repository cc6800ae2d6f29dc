"""Compilers that are wrong in one rule each, and the row of the table that must see it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from support.site import Place

from hookswitch.model.plan import Context, Extension, Plan, Section, Step

Change = Callable[[Step], Step | None]


def _keep(step: Step) -> Step:
    return step


class Mutant(Struct, frozen=True, kw_only=True):
    """`step` changes or drops the steps of the row's own dialplan; `without` are extensions that
    are missing, `option` is one of the row's sections.
    """

    name: str
    row: str
    step: Change = _keep
    without: frozenset[str] = frozenset()
    option: str = ""


def dropped(record: str) -> Change:
    """The compiler forgets a record of the journal."""
    return lambda step: None if step.args.startswith(f"hs.{record},") else step


def swapped(pattern: str, by: str) -> Change:
    """The compiler writes something else."""
    return lambda step: replace(step, args=re.sub(pattern, by, step.args))


def missing(app: str, pattern: str) -> Change:
    """The compiler forgets a step."""
    return lambda step: None if step.app == app and re.search(pattern, step.args) else step


def crossed(one: str, other: str) -> Change:
    """What leads to one object leads to the other."""
    there = rf"(-r\d+_){one},s,1$"
    return lambda step: replace(step, args=re.sub(there, rf"\g<1>{other},s,1", step.args))


# `given_up` is not here: the records it keeps in order race, and on most calls come rightly (with
# twenty phones to silence one run of four still did). unit/test_calls_fold.py writes that race.
MUTANTS = (
    Mutant(name="no arrival", row="1", step=dropped("arrived")),
    Mutant(name="no number that was dialled", row="1", step=missing("Set", "^HS_DEST=")),
    Mutant(name="no attempt", row="1", step=dropped("try")),
    Mutant(name="devices not bound to their leg", row="1", step=swapped(r"b\(hs-dev\^s\^1\)", "")),
    Mutant(name="no end of an attempt", row="24b", step=dropped("tried")),
    Mutant(name="rings too long", row="3", step=swapped(r"^([^,]+),2,g", r"\1,5,g")),
    Mutant(name="no answer ends the call", row="5", step=missing("Goto", "_box,s,1$")),
    Mutant(name="busy is taken for offline", row="24b", step=missing("GotoIf", '= "BUSY"')),
    Mutant(name="declined is taken for offline", row="4d", step=missing("GotoIf", "CHANUNAVAIL21")),
    Mutant(name="a 302 dials out", row="19a", step=swapped(r",gi(U\S*)?b\(", r",g\1b(")),
    Mutant(name="the flow ends with the callee", row="20a", step=swapped(r",gi", ",i")),
    Mutant(name="one object for another", row="20a", step=crossed("middle", "last")),
    Mutant(name="another Webhook object is told of", row="20b", step=swapped("_sales&", "_late&")),
    Mutant(name="a cycle may go on for longer", row="21a", step=swapped("> 100]", "> 130]")),
    Mutant(name="a key leads elsewhere", row="21b", step=crossed("a", "sales")),
    Mutant(name="a key is not there", row="21b", without=frozenset({"1"})),
    Mutant(name="the time is turned", row="21e", step=crossed("a", "closed")),
    Mutant(name="no visit", row="7", step=dropped("enter")),
    Mutant(name="members not known", row="7", step=swapped(r"b\(hs-member\^s\^1\)", "")),
    Mutant(name="one user for another", row="7", step=swapped("^HS_WHO=ext=", "HS_WHO=ext=9")),
    Mutant(name="the flow ends with the agent", row="7a", step=swapped(",ci", ",i")),
    Mutant(name="no agents is taken for the time", row="10a", step=missing("GotoIf", "JOINEMPTY")),
    Mutant(name="full is taken for the time", row="10b", step=missing("GotoIf", '= "FULL"')),
    Mutant(name="no limit of callers", row="10b", option="maxlen"),
    Mutant(name="no exit key", row="10c", without=frozenset({"5"})),
    Mutant(name="the group begins with the second", row="11b", step=swapped("^HS_S=0", "HS_S=1")),
    Mutant(name="a transfer is not brought back", row="17k", step=missing("Goto", "-recall,c")),
    Mutant(name="a machine takes the call", row="19j", step=missing("Set", "^_HS_ASKS=")),
    Mutant(name="no end of a visit", row="12a", step=dropped("left")),
    Mutant(name="no handler of messages", row="5", step=missing("Set", "hs-voicemail")),
    Mutant(name="no recording", row="13a", step=missing("Gosub", "^hs-record,")),
    Mutant(name="a user's own is not asked for", row="13b", step=swapped(r"U\(hs-answered\)", "")),
    Mutant(name="a recording is not ended", row="13i", step=missing("Gosub", "^hs-record-end,")),
    Mutant(name="a recording is not stopped", row="13f", step=missing("Gosub", "^hs-recorded,")),
    Mutant(name="both are recorded for one", row="13f", step=swapped(",callee,", ",both,")),
    Mutant(name="the prefix is not shown", row="9a", step=missing("Set", r"^CALLERID\(name\)=")),
    Mutant(name="no music", row="9a", option="musicclass"),
)


def mutated(plan: Plan, places: Iterable[tuple[Mutant, Place]]) -> Plan:
    """The plan as these compilers would have made it, each for the row of its own place."""
    for mutant, place in places:
        plan = _with_own(plan, place)
        plan = replace(
            plan,
            contexts=tuple(_context(c, mutant) if _is_own(c, place) else c for c in plan.contexts),
            shared=tuple(_shared(c, mutant, place) for c in plan.shared),
            entry=tuple(_shared(c, mutant, place) for c in plan.entry),
            sections=tuple(_section(s, mutant, place) for s in plan.sections),
        )
    return plan


def _with_own(plan: Plan, place: Place) -> Plan:
    """What serves every extension is copied for those of the place, and they are led there."""
    if not place.extensions:
        return plan
    names = "|".join(place.extensions.values())
    own = rf"\g<1>-{place.prefix}"
    led = [
        _relabelled(c, rf"(hs-r\d+-all-(ext|ring))(?=,({names}),)", own)
        for contexts in (plan.contexts, plan.shared, plan.entry)
        for c in contexts
    ]
    copies = [
        replace(_relabelled(c, rf"({c.name})(?=,)", own), name=f"{c.name}-{place.prefix}")
        for c in plan.contexts
        if re.fullmatch(r"hs-r\d+-all-(ext|ring)", c.name)
    ]
    first, second = len(plan.contexts), len(plan.contexts) + len(plan.shared)
    return replace(
        plan,
        contexts=(*copies, *led[:first]),
        shared=tuple(led[first:second]),
        entry=tuple(led[second:]),
    )


def _relabelled(context: Context, pattern: str, by: str) -> Context:
    changed = Mutant(name="", row="", step=swapped(pattern, by))
    return replace(context, extensions=tuple(_extension(e, changed) for e in context.extensions))


def _is_own(context: Context, place: Place) -> bool:
    own = rf"hs-r\d+-({place.prefix}_\w+|all-(ext|ring)-{place.prefix})"
    return re.fullmatch(own, context.name) is not None


def _context(context: Context, mutant: Mutant) -> Context:
    kept = (e for e in context.extensions if e.match not in mutant.without)
    return replace(context, extensions=tuple(_extension(e, mutant) for e in kept))


def _extension(extension: Extension, mutant: Mutant) -> Extension:
    changed = (mutant.step(step) for step in extension.steps)
    return replace(extension, steps=tuple(step for step in changed if step is not None))


def _shared(context: Context, mutant: Mutant, place: Place) -> Context:
    own = {place.number, f"+{place.number}", *place.extensions.values()}
    own |= {place.username(phone) for phone in place.row.phones}
    changed = (_extension(e, mutant) if e.match in own else e for e in context.extensions)
    return replace(context, extensions=tuple(changed))


def _section(section: Section, mutant: Mutant, place: Place) -> Section:
    if not section.name.startswith(f"hs-{place.prefix}_"):
        return section
    options: Any = (o for o in section.options if o[0] != mutant.option)
    return replace(section, options=tuple(options))
