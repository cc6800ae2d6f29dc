"""Call recording: starts or stops the recording of a call from here on."""

from collections.abc import Iterable, Sequence
from typing import Literal

from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.recording import Record, begin, check_record
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16


class CallRecordingNode(Node):
    """`who` is whose voice is recorded: the caller's, that of who answers, or both."""

    kind: Literal["call_recording"]
    action: Literal["start", "stop"] = "start"
    who: Literal["both", "caller", "callee"] = "both"
    record: Record = Record()


def check(node: CallRecordingNode, site: Site) -> Iterable[Finding]:
    yield from check_record("record", node.record, site)
    if node.action == "stop" and (node.record != Record() or node.who != "both"):
        yield Finding("action", "stopping has no settings", "remove `record` and `who`, or start")


def emit(node: CallRecordingNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    """What is stopped is the caller's own recording, whatever began it."""
    steps = (
        begin(node.record, node.id, site, node.who)
        if node.action == "start"
        else (Step("Gosub", "hs-recorded,s,1"),)
    )
    return (Extension("s", (*steps, wiring.leave(node, "next", cause=NORMAL))),)


def walk(node: CallRecordingNode, walker: Walker) -> str:
    if node.action == "start":
        walker.record(node.id)
    else:
        walker.end_record()
    return "next"


KIND = NodeKind(
    name="call_recording",
    title="Call recording",
    group="Advanced options",
    schema=CallRecordingNode,
    outputs=("next",),
    check=check,
    emit=emit,
    walk=walk,
)
