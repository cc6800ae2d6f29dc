"""Condition: goes on by who calls, what was dialled, or a variable."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from hookswitch.flow import match
from hookswitch.flow.fields import ObjectId, Part, Text, wrong
from hookswitch.flow.match import How
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
OTHERWISE: Final = "otherwise"
LONGEST_VALUE: Final = 60
Subject = Literal["caller_number", "caller_name", "called_number", "variable"]
NUMBERS: Final = frozenset({"caller_number", "called_number"})

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
_NUMBER: Final = re.compile(r"\+?[0-9A-Za-z+*#_?]+")


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        wrong("it is not a variable's name", "use letters, digits and _, without ${}")
    return value


def _value(value: str) -> str:
    if not 1 <= len(value) <= LONGEST_VALUE:
        wrong("it is empty or too long", f"use 1 to {LONGEST_VALUE} characters")
    return value


class Case(Part):
    """The call leaves by `output` if the subject matches one of `values`.

    A `pattern` may hold `*` for any text and `?` for one character; `empty` needs no values.
    Small and capital letters (a to z) are the same, and so is a number with and without its +.
    """

    output: ObjectId
    match: Subject
    variable: Annotated[Text, AfterValidator(_variable)] | None = None
    how: How = "exact"
    values: Annotated[
        tuple[Annotated[Text, AfterValidator(_value)], ...], Field(max_length=1000)
    ] = ()


class ConditionNode(Node):
    """The first case that matches counts."""

    kind: Literal["condition"]
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=50)]


def check(node: ConditionNode, _site: Site) -> Iterable[Finding]:
    seen = {OTHERWISE}
    for index, case in enumerate(node.cases):
        at = f"cases.{index}"
        if case.output in seen:
            yield Finding(f"{at}.output", f"{case.output!r} is taken", "choose another name")
        seen.add(case.output)
        if (case.match == "variable") != (case.variable is not None):
            mend = "give both or none of them"
            yield Finding(f"{at}.variable", "it goes with match: variable", mend)
        if (case.how == "empty") == bool(case.values):
            mend = "add one, or say how: empty" if not case.values else "remove them"
            said = "there are none" if not case.values else "nothing can be empty and match them"
            yield Finding(f"{at}.values", said, mend)
        yield from _check_numbers(f"{at}.values", case)


def _check_numbers(at: str, case: Case) -> Iterable[Finding]:
    wrong = [v for v in case.values if case.match in NUMBERS and not _NUMBER.fullmatch(_bare(v))]
    if wrong:
        mend = "write digits, or a pattern such as 614*"
        yield Finding(at, f"{wrong[0]!r} is no number, nor a part of one", mend)


def more_outputs(node: ConditionNode) -> tuple[str, ...]:
    return tuple(case.output for case in node.cases)


def emit(node: ConditionNode, _site: Site, wiring: Wiring) -> Sequence[Extension]:
    steps: list[Step] = []
    before: tuple[Step, ...] = ()
    for number, case in enumerate(node.cases, 1):
        subject = _subject(case)
        steps += subject if subject != before else ()
        before = subject
        steps += (
            Step("GotoIf", f"{condition}?{wiring.context},case{number},1")
            for condition in _conditions(case)
        )
    return (
        Extension("s", (*steps, wiring.leave(node, OTHERWISE, cause=NORMAL))),
        *(
            Extension(f"case{number}", (wiring.leave(node, case.output, cause=NORMAL),))
            for number, case in enumerate(node.cases, 1)
        ),
    )


def _subject(case: Case) -> tuple[Step, ...]:
    match case.match:
        case "caller_number":
            return match.caller_number()
        case "called_number":
            return match.number("HS_DEST")
        case "caller_name":
            return match.text("CALLERID(name)")
        case "variable":
            return match.text(str(case.variable))


def _conditions(case: Case) -> Iterable[str]:
    is_number = case.match in NUMBERS
    for value in case.values or ("",):
        yield match.matches(case.how, _bare(value) if is_number else value, is_number=is_number)


def _bare(number: str) -> str:
    return re.sub(r"[\s().\-/]", "", number)


def walk(node: ConditionNode, walker: Walker) -> str:
    """A variable is taken to be empty: nothing sets one in a simulation."""
    told = {
        "caller_number": walker.caller_number,
        "caller_name": walker.caller_name,
        "called_number": walker.called_number,
        "variable": "",
    }
    return next((case.output for case in node.cases if _holds(case, told[case.match])), OTHERWISE)


def _holds(case: Case, subject: str) -> bool:
    is_number = case.match in NUMBERS
    values = [_bare(value) if is_number else value for value in case.values or ("",)]
    return any(match.fits(case.how, value, subject, is_number=is_number) for value in values)


KIND = NodeKind(
    name="condition",
    title="Condition",
    group="Advanced options",
    schema=ConditionNode,
    outputs=(OTHERWISE,),
    check=check,
    emit=emit,
    walk=walk,
    more_outputs=more_outputs,
)
