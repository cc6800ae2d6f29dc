"""A flow as drawn, and its checks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Struct
from pydantic import BeforeValidator, Field, SerializeAsAny

from hookswitch.flow.fields import Name, Part, wrong
from hookswitch.flow.node import Finding, Node, NodeKind
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.site import Site


def _by_kind(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    named = value.get("kind")
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        said = f"there is no object kind {named!r}" if isinstance(named, str) else "it has no kind"
        wrong(said, f"use one of {', '.join(sorted(KINDS))}")
    return kind.schema.model_validate(value)


AnyNode = Annotated[SerializeAsAny[Node], BeforeValidator(_by_kind)]


class Flow(Part):
    """A drawing: objects, connected by their outputs."""

    identity: ClassVar[str] = "name"

    name: Name
    objects: Annotated[tuple[AnyNode, ...], Field(min_length=1)]


class ObjectFinding(Struct, frozen=True):
    """A finding and where it is: indices of the flow and of the object in it."""

    flow: int
    object: int
    node: Node
    finding: Finding


def check_flows(flows: Sequence[Flow], site: Site) -> Iterable[ObjectFinding]:
    """Give what keeps the flows from working, object by object."""
    first_use: dict[str, str] = {}
    numbers: dict[str, str] = {}
    codes: dict[str, str] = {}
    for flow_index, flow in enumerate(flows):
        ids = {node.id for node in flow.objects}
        for index, node in enumerate(flow.objects):
            found = [
                *_check_id(node, first_use),
                *_check_outputs(node, ids, KINDS[node.kind]),
                *_check_numbers(node, numbers),
                *_check_codes(node, site, codes),
                *KINDS[node.kind].check(node, site),
            ]
            for finding in found:
                yield ObjectFinding(flow_index, index, node, finding)


def _check_id(node: Node, first_use: dict[str, str]) -> Iterable[Finding]:
    if node.id in first_use:
        yield Finding(
            "id", f"{node.id!r} is already the id of {first_use[node.id]!r}", "choose another id"
        )
    first_use.setdefault(node.id, node.name)


def _check_outputs(node: Node, ids: set[str], kind: NodeKind) -> Iterable[Finding]:
    for output, target in node.outputs.items():
        if output not in kind.outputs_of(node):
            allowed = ", ".join(kind.outputs_of(node)) or "none: nothing can follow it"
            yield Finding(
                f"outputs.{output}",
                f"{kind.title} has no such output",
                f"its outputs are {allowed}",
            )
        if target not in ids:
            yield Finding(
                f"outputs.{output}",
                f"there is no object {target!r} in this flow",
                "connect it to the id of an object that is there",
            )


def _check_numbers(node: Node, used: dict[str, str]) -> Iterable[Finding]:
    if not isinstance(node, NumberNode):
        return
    for number in node.numbers:
        bare = number.removeprefix("+")
        if bare in used:
            yield Finding(
                "numbers",
                f"{number} already enters at {used[bare]!r}",
                "remove it from one of them",
            )
        used.setdefault(bare, node.name)


def _check_codes(node: Node, site: Site, used: dict[str, str]) -> Iterable[Finding]:
    for code, _ in KINDS[node.kind].codes(node, site):
        if code in used:
            yield Finding("", f"{code} is already dialled for {used[code]!r}", "choose another")
        used.setdefault(code, node.name)
