"""What every kind of object has, and what a kind must give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, TypeVar

from msgspec import Struct
from pydantic import Field

from hookswitch.flow.fields import Name, ObjectId, Part, Text
from hookswitch.flow.site import Site
from hookswitch.flow.spoken import Spoken
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Section, Step

DIAL: Final = "dial"
"""The label in the context of extensions where a call enters that has arrived already."""


Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]


class Node(Part):
    """An object of the call flow; `outputs` are its edges, each to an object's id."""

    identity: ClassVar[str] = "id"
    root: ClassVar[str] = "objects"

    id: ObjectId
    kind: Text
    name: Name
    notes: Annotated[Text, Field(max_length=2000)] = ""
    outputs: Mapping[Text, ObjectId] = {}
    position: tuple[Coordinate, Coordinate] | None = None
    """Where it stands on the canvas; moving it is no change."""


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
    recalls: bool = False
    """A call that was transferred here and is not taken goes back to who did that."""

    def leave(self, node: Node, output: str, *, cause: int) -> Step:
        """Go to the object behind `output`, or end the call with the Q.850 `cause`."""
        target = node.outputs.get(output)
        if target is None and self.recalls and output != "ended":
            return recall(self.revision, str(cause))
        if target is None:
            return Step("Hangup", str(cause))
        return Step("Goto", f"{self.contexts[target]},s,1")

    def ring(self, extension: str) -> Step:
        """Go on to the user with this extension, without a way back into the flow."""
        return Step("Goto", f"{extension_context(self.revision)},{extension},{DIAL}")


def extension_context(revision: int) -> str:
    """Where every extension's calls go, by itself."""
    return f"hs-r{revision}-all-ext"


def recall_context_name(revision: int) -> str:
    return f"hs-r{revision}-all-recall"


def recall(revision: int, cause: str) -> Step:
    """Ring whoever transferred the call here, or end it with the cause if nobody did."""
    return Step("Goto", f"{recall_context_name(revision)},c{cause},1")


def nothing_more(_node: Any) -> tuple[()]:
    return ()


def no_codes(_node: Any, _site: Site) -> tuple[()]:
    return ()


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
    walk: Callable[[Any, Walker], str | None]
    """`(node, walker)` -> the output by which a simulated call leaves, None if it ends."""
    more_outputs: Callable[[Any], tuple[str, ...]] = nothing_more
    """`(node)` -> outputs that its settings give it, after `outputs`."""
    codes: Callable[[Any, Site], Iterable[tuple[str, str]]] = no_codes
    """`(node, site)` -> feature codes for phones, each with the extension of `emit` it enters."""
    spoken: Callable[[Any], Iterable[Spoken]] = nothing_more
    """`(node)` -> the texts that must be spoken before it can be played."""
    sections: Callable[..., Sequence[Section]] | None = None
    """`(node, site, wiring)` -> sections of configuration files; alike ones are written once."""

    def outputs_of(self, node: Node) -> tuple[str, ...]:
        return (*self.outputs, *self.more_outputs(node))


def no_findings(_node: Node, _site: Site) -> Iterable[Finding]:
    return ()
