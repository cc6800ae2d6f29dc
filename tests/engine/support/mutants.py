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
    Mutant(name="no help", row="15g", step=missing("Goto", "-all-emergency,")),
    Mutant(name="no own trunk for help", row="15g", step=missing("Dial", "@trunk-r[0-9]+_help,")),
    Mutant(name="one trunk for help", row="15g", step=missing("Dial", "@trunk-carrier,")),
    Mutant(name="help hides who asks", row="15g", step=missing("ExecIf", r"\$\{HS_SHOWN\}\)$")),
    Mutant(name="nobody is told of help", row="15g", step=missing("Gosub", "^hs-calling,")),
    Mutant(name="no digit is taken off", row="14c", step=swapped("HS_TO:1", "HS_TO")),
    Mutant(name="no beginning is put on", row="14c", step=swapped(r"^HS_SEND=\+61", "HS_SEND=")),
    Mutant(name="the trunk's number first", row="14c", step=missing("ExecIf", "HS_SHOWN=.*778")),
    Mutant(name="a route's number is forced", row="14d", step=swapped("^.*(Set.*702.)$", r"1?\1")),
    Mutant(name="a route's number is not forced", row="14e", step=missing("Set", "^HS_SHOWN=.*8$")),
    Mutant(name="a number is not withheld", row="14f", step=missing("ExecIf", "prohib")),
    Mutant(name="no number for the provider", row="14f", option="trust_id_outbound"),
    Mutant(name="the trunk has no number", row="14g", step=missing("ExecIf", "HS_SHOWN=.*778")),
    Mutant(name="no number by its own header", row="14g", option="send_pai"),
    Mutant(name="a route is for all", row="14h", step=swapped(r" & \$\{DIALPLAN.*?\)\}", "")),
    Mutant(name="whom A calls is not told", row="14i", step=swapped(r"\$\{HS_SAYS\}", "")),
    Mutant(name="what costs most is dialled", row="15h", step=missing("GotoIf", "HS_TO.*,blocked")),
    Mutant(name="what costs most is sent", row="15i", step=missing("GotoIf", "HS_SEND.*,blocked")),
    Mutant(name="a full trunk takes more", row="15k", step=missing("GotoIf", "GROUP_COUNT")),
    Mutant(name="a trunk does not count", row="15l", step=missing("Gosub", "^hs-rate,")),
    Mutant(name="a trunk goes on counting", row="15m", step=missing("GotoIf", "HS_NO.*try1,1$")),
    Mutant(name="a trunk takes any number", row="15n", step=missing("GotoIf", "= 0]")),
    Mutant(name="not why no trunk took it", row="15o", step=missing("ExecIf", "trunk_destination")),
    Mutant(name="no trunk knows the number", row="15p", step=missing("GotoIf", "REGEX")),
    Mutant(name="one trunk is enough", row="15q", step=missing("Goto", ",try1,1$")),
    Mutant(name="it rings at each trunk", row="15r", step=missing("GotoIf", '"NOANSWER"')),
    Mutant(name="a user does not count", row="15s", step=missing("Gosub", "^hs-limits,")),
    Mutant(name="as many a minute as you like", row="15t", step=missing("GotoIf", r"hs-no,\$")),
    Mutant(name="a dead trunk rang", row="15w", step=missing("ExecIf", "CHANUNAVAIL")),
    Mutant(name="more than a number", row="15v", step=missing("ExecIf", r"Hangup\(1\)")),
    Mutant(name="the caller is another", row="21h", step=missing("Set", r"\(num\)=..HS_WAS")),
    Mutant(name="the number is not set", row="21h", step=missing("Set", r"CALLERID\(num\)=614")),
    Mutant(name="the name is not set", row="21h", step=missing("Set", r"CALLERID\(name\)=")),
    Mutant(name="another way outside", row="21i", step=swapped("route-via-[^,]*", "all-outside")),
    Mutant(name="the caller is not kept", row="21i", step=swapped("^HS_SHOWN=.*", "HS_SHOWN=")),
    Mutant(name="nobody outside is an error", row="21j", step=missing("GotoIf", "no_answer,1$")),
    Mutant(name="no trunk is no error", row="21k", step=missing("GotoIf", "failed,1$")),
    Mutant(name="declined is an error", row="21h", step=missing("GotoIf", "VAIL21.*busy,1$")),
    Mutant(name="the next call is another's", row="21l", step=missing("Set", "^HS_USER=0$")),
    Mutant(name="the next call is withheld", row="21l", step=missing("Set", "^HS_HIDES=0$")),
    Mutant(name="the next call counts", row="21l", step=missing("Gosub", "^hs-charged,")),
    Mutant(name="the next call shows another", row="21l", step=missing("Set", "^HS_SHOWN=$")),
    Mutant(name="any slot for one", row="22i", step=swapped("^hs-slot,s", "hs-slot,any")),
    Mutant(name="nobody is parked again", row="22k", step=missing("Goto", "^hs-park,s,1$")),
    Mutant(name="who parked it is forgotten", row="22k", step=missing("Set", "^HS_PARKER=")),
    Mutant(name="a blocked caller gets through", row="3d", step=missing("GotoIf", ",decline,1$")),
    Mutant(name="a blocked caller is not declined", row="3d", step=missing("Hangup", "^21$")),
    Mutant(name="nobody is rung for it", row="22j", step=missing("Goto", "-all-back,")),
    Mutant(name="never to be disturbed again", row="4h", without=frozenset({"*79"})),
    Mutant(name="no forward when busy", row="19o", without=frozenset({"_*90."})),
    Mutant(name="a forward for ever", row="19o", without=frozenset({"*73"})),
    Mutant(name="whom to forward to is not asked", row="19p", without=frozenset({"*72"})),
    Mutant(name="a forward when busy for ever", row="19q", without=frozenset({"*91"})),
    Mutant(name="a later forward for ever", row="19q", without=frozenset({"*93"})),
    Mutant(name="without a phone no forward", row="19r", step=missing("GosubIf", "hs-forward,to,")),
    Mutant(name="a forward disturbs", row="19s", step=missing("GotoIf", "hs-devices,none,")),
    Mutant(name="without a phone nobody is rung", row="19t", step=missing("ExecIf", "Dial")),
    Mutant(name="no logout of one queue", row="10h", step=missing("Gosub", r"^hs-agent,\$")),
    Mutant(name="a pause for ever", row="10i", without=frozenset({"*48"})),
    Mutant(name="no box is any box", row="6d", without=frozenset({"i"})),
    Mutant(name="ringing is no end of a cycle", row="21ha", step=missing("Set", "^HS_HOPS=0$")),
    Mutant(name="talking outside neither", row="21hb", step=missing("Set", "^HS_HOPS=0$")),
    Mutant(name="no second voice", row="13k", step=missing("GosubIf", "hs-record-on")),
    Mutant(name="no second voice but outside", row="13l", step=missing("GosubIf", "hs-record-on")),
    Mutant(name="who is no agent hears nothing", row="10x", step=missing("Playback", "^agent-")),
    Mutant(name="an agent like others", row="10x", step=missing("Hangup", "^21$")),
    Mutant(name="who has no box hears nothing", row="6d", step=missing("Playback", "^vm-")),
    Mutant(name="no longer why", row="15x", step=missing("Set", "^HS_NO=$")),
    Mutant(name="causes of two trunks", row="15y", step=missing("HangupCauseClear", "")),
    Mutant(name="a forward shows nothing", row="19u", step=missing("Set", "^HS_SHOWN=613")),
    Mutant(name="a forward is the last one", row="19v", step=missing("Set", "^HS_FORWARDED=$")),
    Mutant(name="a forward is not tried", row="19x", step=missing("GotoIf", "HS_TO.*,s,tried$")),
    Mutant(name="no forward is an end", row="19y", step=missing("Goto", ",s,tried$")),
    Mutant(name="a wrong number is an end", row="21hc", step=missing("Goto", ",failed,1$")),
    Mutant(name="no box by phone", row="6c", step=missing("VoiceMailMain", "")),
    Mutant(name="a group goes on for ever", row="12d", step=missing("Set", "^__HS_VISIT=$")),
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
