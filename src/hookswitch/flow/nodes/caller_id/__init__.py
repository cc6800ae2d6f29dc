"""Caller id: what the phones rung from here on show; events tell of the caller as before."""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from hookswitch.flow import match
from hookswitch.flow.callers import NamePrefix, decoded, prefix_name
from hookswitch.flow.fields import DialledNumber, Name, Part, Text, wrong
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.site import Site
from hookswitch.flow.walk import onward
from hookswitch.model.plan import Extension, Step

NORMAL = 16


def _digits(value: str) -> str:
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        wrong("it is no prefix of a number", "write 1 to 10 digits")
    return value


class KnownCaller(Part):
    """The name to show for a number."""

    identity: ClassVar[str] = "number"

    number: DialledNumber
    name: Name


class CallerIdNode(Node):
    """`table` gives the name of a caller whose number is in it, else `set_name` if there is one;
    the prefixes come before whatever is shown then.
    """

    kind: Literal["caller_id"]
    set_name: Name | None = None
    set_number: DialledNumber | None = None
    name_prefix: NamePrefix | None = None
    number_prefix: Annotated[Text, AfterValidator(_digits)] | None = None
    table: Annotated[tuple[KnownCaller, ...], Field(max_length=1000)] = ()


def check(node: CallerIdNode, _site: Site) -> Iterable[Finding]:
    settings = (node.set_name, node.set_number, node.name_prefix, node.number_prefix, node.table)
    if not any(settings):
        yield Finding("", "it changes nothing", "give a name, a number, a prefix or a table")
    seen: set[str] = set()
    for index, known in enumerate(node.table):
        bare = known.number.removeprefix("+")
        if bare in seen:
            yield Finding(f"table.{index}.number", "it is there twice", "remove one")
        seen.add(bare)


def emit(node: CallerIdNode, _site: Site, wiring: Wiring) -> Sequence[Extension]:
    """A caller who withholds the number stays withheld unless name and number are both set."""
    context = wiring.context
    known = (
        Step("GotoIf", f"{_is(caller.number)}?{context},known{row},1")
        for row, caller in enumerate(node.table, 1)
    )
    look_up = (*match.caller_number(), *known) if node.table else ()
    default = () if node.set_name is None else _name(node.set_name)
    return (
        Extension("s", (*look_up, *default, Step("Goto", f"{context},rest,1"))),
        *(
            Extension(f"known{row}", (*_name(caller.name), Step("Goto", f"{context},rest,1")))
            for row, caller in enumerate(node.table, 1)
        ),
        Extension("rest", (*_rest(node), wiring.leave(node, "next", cause=NORMAL))),
    )


def _rest(node: CallerIdNode) -> Iterable[Step]:
    if node.set_number is not None:
        yield Step("Set", f"CALLERID(num)={node.set_number}")
        yield Step("Set", "CALLERID(num-pres)=allowed")
    if node.number_prefix is not None:
        yield Step("Set", f"CALLERID(num)={node.number_prefix}${{CALLERID(num)}}")
    if node.name_prefix is not None:
        yield from prefix_name(node.name_prefix)


def _name(name: str) -> tuple[Step, ...]:
    return (
        Step("Set", f"CALLERID(name)={decoded(name)}"),
        Step("Set", "CALLERID(name-pres)=allowed"),
    )


def _is(number: str) -> str:
    return match.matches("exact", number, is_number=True)


KIND = NodeKind(
    name="caller_id",
    title="Caller id",
    group="Advanced options",
    schema=CallerIdNode,
    outputs=("next",),
    check=check,
    emit=emit,
    walk=onward,
)
