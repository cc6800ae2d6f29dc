"""Recording a Playback object's prompt by phone: dialled, asked for the PIN, heard, kept."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hookswitch.flow.node import Wiring
from hookswitch.flow.records import literal, record
from hookswitch.flow.site import Site
from hookswitch.model.plan import Extension, Step

if TYPE_CHECKING:
    from hookswitch.flow.nodes.playback import PlaybackNode

ENTRANCE: Final = "record"
LONGEST_S: Final = 600
NORMAL: Final = 16


def extensions(node: "PlaybackNode", site: Site, wiring: Wiring) -> Iterable[Extension]:
    """`#` ends it, and then 1 keeps it, 2 plays it, 3 records again; hung up, nothing is kept."""
    context = wiring.context
    pin = node.record_pin.get_secret_value() if node.record_pin else ""
    file = f"{site.prompt_dir}/recorded/{node.prompt}-${{UNIQUEID}}"
    again = f"{context},{ENTRANCE}3,1"
    yield Extension(
        ENTRANCE,
        (
            Step("Gosub", "hs-self,s,1"),
            Step("Answer"),
            Step("Read", "HS_PIN,vm-password,10,,1,10"),
            # the answer can hold keys only, so it may stand in an expression
            Step("GotoIf", f'$["${{HS_PIN}}" = "{pin}"]?{again}'),
            Step("Playback", "vm-incorrect"),
            Step("Hangup", str(NORMAL)),
        ),
    )
    yield Extension(
        f"{ENTRANCE}3",
        (
            Step("Record", f"{file}.wav16,0,{LONGEST_S}"),
            Step("Goto", f"{context},{ENTRANCE}t,1"),
        ),
    )
    asked = (
        Step("Read", "HS_KEY,vm-review,1,,3,10"),
        Step("GotoIf", f'$["${{HS_KEY}}" = "1"]?{context},{ENTRANCE}1,1'),
        Step("GotoIf", f'$["${{HS_KEY}}" = "2"]?{context},{ENTRANCE}2,1'),
        Step("GotoIf", f'$["${{HS_KEY}}" = "3"]?{again}'),
        Step("Hangup", str(NORMAL)),
    )
    yield Extension(f"{ENTRANCE}t", asked)
    yield Extension(
        f"{ENTRANCE}2",
        (Step("Playback", file), Step("Goto", f"{context},{ENTRANCE}t,1")),
    )
    kept = record("prompt", name=literal(node.prompt), f=f"{literal(node.prompt)}-${{UNIQUEID}}")
    yield Extension(
        f"{ENTRANCE}1", (kept, Step("Playback", "vm-msgsaved"), Step("Hangup", str(NORMAL)))
    )
