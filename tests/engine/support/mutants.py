"""Compilers that are wrong in one rule each, and the row of the table that must see it."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from support.joined import with_steps

from hookswitch.model.plan import Context, Extension, Plan, Section, Step

SLOW: Final = frozenset({"11e"})
"""Rows whose phones end late, with the mutant and without."""
SLOW_STEPS: Final = 20_000
Change = Callable[[Step], Step | None]


def _keep(step: Step) -> Step:
    return step


class Mutant(Struct, frozen=True, kw_only=True):
    """`step` changes or drops steps, `without` are extensions and `option` what is missing."""

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


MUTANTS = (
    Mutant(name="no arrival", row="1", step=dropped("arrived")),
    Mutant(name="no number that was dialled", row="1", step=missing("Set", "^HS_DEST=")),
    Mutant(name="no attempt", row="1", step=dropped("try")),
    Mutant(name="devices not bound to their leg", row="1", step=swapped(r"b\(hs-dev\^s\^1\)", "")),
    Mutant(name="no end of an attempt", row="24b", step=dropped("tried")),
    Mutant(name="no end of a round", row="11e", step=dropped("given_up")),
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
    Mutant(name="who wants no calls is rung", row="4g", step=missing("GotoIf", ",DND,1$")),
    Mutant(name="no end of a message by key", row="5a", step=missing("Gosub", "^hs-voicemail,")),
    Mutant(name="who must log in is in", row="10f", step=swapped(r",out\)$", ",in)")),
    Mutant(name="agents' codes do nothing", row="10g", step=missing("Gosub", r"^hs-agent,\$")),
    Mutant(name="a member is disturbed", row="11f", step=swapped(r"^.*\?NoOp\(\):", "0?NoOp():")),
    Mutant(name="no total time", row="12c", step=missing("GotoIf", "EPOCH")),
    Mutant(name="any number may be called", row="15f", step=missing("GotoIf", ",destination,1$")),
    Mutant(
        name="nobody is told of a recording", row="16f", step=missing("GosubIf", "^.*hs-announce")
    ),
    Mutant(name="no forward by code", row="19l", step=missing("GosubIf", "hs-forward,always")),
    Mutant(name="a forward goes on for the next", row="19n", step=missing("Set", "^HS_OUT=$")),
    Mutant(name="keys of another menu count", row="21g", step=missing("Set", "^HS_TRIES=0")),
    Mutant(name="a wrong key is not told", row="21g", step=missing("Background", "beep$")),
    Mutant(name="no music", row="9a", option="musicclass"),
)


def mutated(plan: Plan, mutant: Mutant) -> Plan:
    """The row's plan as this compiler would have made it."""

    def changed(step: Step) -> Sequence[Step]:
        other = mutant.step(step)
        return () if other is None else (other,)

    def of(context: Context) -> Context:
        kept = tuple(e for e in context.extensions if e.match not in mutant.without)
        return with_steps(replace(context, extensions=kept), changed)

    return replace(
        plan,
        contexts=tuple(map(of, plan.contexts)),
        shared=tuple(map(of, plan.shared)),
        entry=tuple(map(of, plan.entry)),
        sections=tuple(_section(section, mutant) for section in plan.sections),
    )


def _section(section: Section, mutant: Mutant) -> Section:
    options = tuple(option for option in section.options if option[0] != mutant.option)
    return replace(section, options=options)


def slowed(plan: Plan) -> Plan:
    """Phones end late: each is busy for a while before it tells its end, as on a busy machine.

    Nothing else holds up an end that is told by a thread of its own.
    """
    contexts = tuple(
        with_steps(c, lambda step: (swapped(r"b\(hs-dev\^s\^1\)", "b(hs-slow^s^1)")(step),))
        for c in plan.contexts
    )
    begun = (Step("Gosub", "hs-dev,s,1"), Step("Set", "CHANNEL(hangup_handler_push)=hs-slow,end,1"))
    busy = (
        Step("Set", "HS_SLOW=$[0${HS_SLOW} + 1]"),
        Step("GotoIf", f"$[${{HS_SLOW}} < {SLOW_STEPS}]?hs-slow,end,1"),
    )
    slow = Context(
        "hs-slow",
        (Extension("s", (*begun, Step("Return"))), Extension("end", (*busy, Step("Return")))),
    )
    return replace(plan, contexts=(*contexts, slow))
