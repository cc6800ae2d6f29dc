"""Time condition: goes on by the time of the call, unless a phone has overridden it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from hookswitch.flow.fields import Part, Text, TimeZone, wrong
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.nodes.time_condition import periods
from hookswitch.flow.nodes.time_condition.periods import (
    Holiday,
    Hours,
    MonthDays,
    Months,
    Weekdays,
    Years,
)
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
OVERRIDES: Final = ("cancelled", "activated", "de-activated")
"""What is said of each state: by the clock, matches, doesn't match."""
MOST_ENTRIES = 20
"""More would not fit into one expression of the engine."""


def _override(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 4):
        wrong("it is not a code", "write 1 to 4 digits, which phones dial after *28")
    return value


class TimeGroup(Part):
    """A time is in it that is in each of its lists; a list left out holds any time."""

    hours: Annotated[tuple[Hours, ...], Field(max_length=MOST_ENTRIES)] = ()
    weekdays: Annotated[tuple[Weekdays, ...], Field(max_length=MOST_ENTRIES)] = ()
    month_days: Annotated[tuple[MonthDays, ...], Field(max_length=MOST_ENTRIES)] = ()
    months: Annotated[tuple[Months, ...], Field(max_length=MOST_ENTRIES)] = ()
    years: Annotated[tuple[Years, ...], Field(max_length=MOST_ENTRIES)] = ()


class TimeConditionNode(Node):
    """It matches in any of `groups`, but not on `holidays`. `override` is dialled after *28 (or
    what `feature_codes` has for it) and
    steps through: matches, doesn't match, by the clock again.
    """

    kind: Literal["time_condition"]
    time_zone: TimeZone
    groups: Annotated[tuple[TimeGroup, ...], Field(min_length=1, max_length=50)]
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=400)] = ()
    override: Annotated[Text, AfterValidator(_override)] | None = None


def check(node: TimeConditionNode, _site: Site) -> Iterable[Finding]:
    for index, group in enumerate(node.groups):
        if group == TimeGroup():
            mend = 'say when it matches: for any time, hours: ["00:00-24:00"]'
            yield Finding(f"groups.{index}", "the group is empty", mend)


def codes(node: TimeConditionNode, site: Site) -> Iterable[tuple[str, str]]:
    if node.override is not None and site.codes.time_condition is not None:
        yield f"{site.codes.time_condition}{node.override}", "override"


def emit(node: TimeConditionNode, _site: Site, wiring: Wiring) -> Sequence[Extension]:
    """`HS_ZONES` is where the engine's own time zones lie, `HS_NOW` empty but in tests."""
    zone = f"${{HS_ZONES}}{node.time_zone}"
    now = Step("Set", f"HS_T=${{STRFTIME(${{HS_NOW}},{zone},{periods.FORMAT})}}")
    closed = (
        Step("GotoIf", f"{periods.is_holiday(text)}?{wiring.context},doesnt_match,1")
        for text in node.holidays
    )
    begin = (*_overridden(node, wiring), now, *closed)
    first = Step("Goto", f"{wiring.context},group1,1")
    groups = (_group(node, number, wiring) for number in range(1, len(node.groups) + 1))
    return (
        Extension("s", (*begin, first)),
        *groups,
        Extension("matches", (wiring.leave(node, "matches", cause=NORMAL),)),
        Extension("doesnt_match", (wiring.leave(node, "doesnt_match", cause=NORMAL),)),
        *_override_extensions(node, wiring),
    )


def _group(node: TimeConditionNode, number: int, wiring: Wiring) -> Extension:
    following = f"group{number + 1}" if number < len(node.groups) else "doesnt_match"
    steps = (
        Step("GotoIf", f"{expression}?:{wiring.context},{following},1")
        for expression in _conditions(node.groups[number - 1])
    )
    return Extension(f"group{number}", (*steps, Step("Goto", f"{wiring.context},matches,1")))


def _conditions(group: TimeGroup) -> Iterable[str]:
    conditions: Sequence[tuple[Callable[[Iterable[str]], str], tuple[str, ...]]] = (
        (periods.in_years, group.years),
        (periods.in_months, group.months),
        (periods.in_month_days, group.month_days),
        (periods.in_weekdays, group.weekdays),
        (periods.in_hours, group.hours),
    )
    return (condition(texts) for condition, texts in conditions if texts)


def _overridden(node: TimeConditionNode, wiring: Wiring) -> Sequence[Step]:
    if node.override is None:
        return ()
    return (
        Step("Set", f"HS_OVERRIDE=${{DB({_key(node)})}}"),
        Step("GotoIf", f'$["${{HS_OVERRIDE}}" = "1"]?{wiring.context},matches,1'),
        Step("GotoIf", f'$["${{HS_OVERRIDE}}" = "2"]?{wiring.context},doesnt_match,1'),
    )


def _override_extensions(node: TimeConditionNode, wiring: Wiring) -> Sequence[Extension]:
    """It is done before the phone is answered, to be told so."""
    if node.override is None:
        return ()
    key = _key(node)
    switch = (
        Step("Set", f"HS_OVERRIDE=$[(0${{DB({key})}} + 1) % {len(OVERRIDES)}]"),
        Step("Set", f"DB({key})=${{HS_OVERRIDE}}"),
        Step("Goto", f"{wiring.context},override${{HS_OVERRIDE}},1"),
    )
    told = (
        Extension(f"override{state}", (Step("Playback", sound), Step("Hangup", str(NORMAL))))
        for state, sound in enumerate(OVERRIDES)
    )
    return (Extension("override", switch), *told)


def _key(node: TimeConditionNode) -> str:
    return f"hs-override/{node.id}"


def walk(node: TimeConditionNode, walker: Walker) -> str:
    dialled = walker.override(node.id)
    if dialled:
        return dialled
    now = walker.local_time(node.time_zone)
    if any(periods.falls_on(now, text) for text in node.holidays):
        return "doesnt_match"
    matches = any(_contains(group, now) for group in node.groups)
    return "matches" if matches else "doesnt_match"


def _contains(group: TimeGroup, now: datetime) -> bool:
    return all(
        not texts or any(fits(now, text) for text in texts)
        for fits, texts in (
            (periods.is_year, group.years),
            (periods.is_month, group.months),
            (periods.is_month_day, group.month_days),
            (periods.is_weekday, group.weekdays),
            (periods.is_hour, group.hours),
        )
    )


KIND = NodeKind(
    name="time_condition",
    title="Time condition",
    group="Basic",
    schema=TimeConditionNode,
    outputs=("matches", "doesnt_match"),
    check=check,
    emit=emit,
    walk=walk,
    codes=codes,
)
