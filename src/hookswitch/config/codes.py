"""What phones dial must lead to one thing: codes, parking, extensions, numbers."""

from collections.abc import Iterable, Iterator
from typing import Final

from hookswitch.config.document import Document
from hookswitch.config.problems import Problem
from hookswitch.flow.features import Dialled, dialled
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.nodes.queue import QueueNode
from hookswitch.flow.site import Site

MEND: Final = "change one of them (null in `feature_codes`, or for `parking`, turns it off)"


def collisions(document: Document, site: Site) -> Iterable[Problem]:
    """A code that is something else too, or that something else begins with."""
    features = list(dialled(document.feature_codes, document.parking))
    taken = {other.text: other for other in reversed([*_of_objects(document, site), *features])}
    for feature in features:
        alike = taken.values() if feature.more_follows else [taken[feature.text]]
        for other in alike:
            if other.field != feature.field and _meets(feature, other):
                message = f"{feature.what} {feature.text} is also {other.what} {other.text}"
                if feature.more_follows:
                    message = f"{other.what} {other.text} begins with {feature.what} {feature.text}"
                yield Problem("", "", message, MEND, feature.field)
                break
    yield from _queues(document)


def _meets(feature: Dialled, other: Dialled) -> bool:
    return (
        other.text.startswith(feature.text)
        if feature.more_follows
        else (other.text == feature.text)
    )


def _queues(document: Document) -> Iterator[Problem]:
    """Agents tell queues apart by their codes."""
    used: dict[str, str] = {}
    for i, flow in enumerate(document.flows):
        for j, node in enumerate(flow.objects):
            if isinstance(node, QueueNode) and node.code is not None:
                if node.code in used:
                    message = f"{node.code} is already the code of {used[node.code]}"
                    loc = ("flows", i, "objects", j, "code")
                    yield Problem("", "", message, "choose another", loc)
                used.setdefault(node.code, node.name)


def _of_objects(document: Document, site: Site) -> Iterator[Dialled]:
    for user in document.users:
        yield Dialled(user.extension, f"the extension of {user.name}", ("users",))
    for flow in document.flows:
        for node in flow.objects:
            if isinstance(node, NumberNode):
                bare = (number.removeprefix("+") for number in node.numbers)
                yield from (Dialled(number, "the number", ("flows",)) for number in bare)
            for code, _ in KINDS[node.kind].codes(node, site):
                # its own beginning is the feature's
                feature = "record_prompt" if node.kind == "playback" else "time_condition"
                yield Dialled(code, f"the code of {node.name}", ("feature_codes", feature))
