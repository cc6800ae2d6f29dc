"""What every kind of object has, and what a kind must give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from msgspec import Struct
from pydantic import Field

from hookswitch.flow.fields import Name, ObjectId, Part, Text
from hookswitch.flow.site import Site
from hookswitch.model.plan import Extension, Step


class Node(Part):
    """An object of the call flow; `outputs` are its edges, each to an object's id."""

    id: ObjectId
    kind: Text
    name: Name
    notes: Annotated[Text, Field(max_length=2000)] = ""
    outputs: Mapping[Text, ObjectId] = {}


NodeT = TypeVar("NodeT", bound=Node)


class Finding(Struct, frozen=True):
    """Something wrong with an object: its field, what is wrong, and the mend."""

    field: str
    message: str
    mend: str


class Wiring(Struct, frozen=True):
    """How an object's steps lead on, in the revision being compiled."""

    revision: int
    context: str
    contexts: Mapping[str, str]
    """Context of each object, by id."""

    def leave(self, node: Node, output: str, *, cause: int) -> Step:
        """Go to the object behind `output`, or end the call with the Q.850 `cause`."""
        target = node.outputs.get(output)
        if target is None:
            return Step("Hangup", str(cause))
        return Step("Goto", f"{self.contexts[target]},s,1")


class NodeKind(Struct, frozen=True):
    """One kind of object: a folder in `flow/nodes` gives one of these as `KIND`."""

    name: str
    title: str
    group: Literal["Basic", "Advanced options"]
    schema: type[Node]
    outputs: tuple[str, ...]
    check: Callable[..., Iterable[Finding]]
    """`(node, site)` -> findings."""
    emit: Callable[..., Sequence[Extension]]
    """`(node, site, wiring)` -> extensions; the call enters at `s`."""


def no_findings(_node: Node, _site: Site) -> Iterable[Finding]:
    return ()
