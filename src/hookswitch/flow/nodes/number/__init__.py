"""Inbound number: where calls from the trunks come in."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.callers import NamePrefix, prefix_name
from hookswitch.flow.fields import DialledNumber
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.recording import Recorded, begin, check_record
from hookswitch.flow.records import literal, live, record
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

UNALLOCATED = 1


class NumberNode(Node):
    """`numbers` are the dialled numbers that enter here, with or without a leading +."""

    kind: Literal["number"]
    numbers: Annotated[tuple[DialledNumber, ...], Field(min_length=1)]
    name_prefix: NamePrefix | None = None
    """Put before the caller's name on the phones that ring."""
    record: Recorded = None


def check(node: NumberNode, site: Site) -> Iterable[Finding]:
    if "next" not in node.outputs:
        yield Finding("outputs", "no object follows", "connect the output 'next' to an object")
    yield from check_record("record", node.record, site)


def emit(node: NumberNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    follow = wiring.leave(node, "next", cause=UNALLOCATED)
    shown = prefix_name(node.name_prefix) if node.name_prefix else ()
    steps = (*arrived(wiring), *shown, *begin(node.record, node.id, site), follow)
    return (Extension("s", steps),)


def arrived(wiring: Wiring) -> tuple[Step, ...]:
    """The records that a call entered the flow, and who of the users placed it, if one did.

    `HS_DEST` holds the number it dialled.

    Who calls is in the record's own columns: in an expression the engine would take a name's
    `):0:1` for a substring.
    """
    arrival = record(
        "arrived",
        r=literal(str(wiring.revision)),
        number=live("HS_DEST"),
        pres=live("CALLERID(pres)"),
    )
    return arrival, Step("Gosub", "hs-calling,s,1")


def walk(node: NumberNode, walker: Walker) -> str:
    if node.record:
        walker.record(node.id)
    return "next"


KIND = NodeKind(
    name="number",
    title="Inbound number",
    group="Basic",
    schema=NumberNode,
    outputs=("next",),
    check=check,
    emit=emit,
    walk=walk,
)
