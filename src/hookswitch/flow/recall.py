"""A blind transfer that nobody takes comes back: whoever transferred the call is rung.

Only what rings a user or a number outside leads here; a flow that a call was transferred to says
itself what happens. Who does not answer then has lost the call.
"""

from msgspec.structs import replace

from hookswitch.flow.callee import any_callee, by_extension
from hookswitch.flow.dial import dial_user
from hookswitch.flow.node import Node, Wiring, recall_context_name
from hookswitch.flow.site import Site
from hookswitch.model.plan import Context, Extension, Step


def recall_contexts(site: Site, revision: int) -> tuple[Context, ...]:
    """`c<cause>` is for every call that ends so; the others are those who are rung again."""
    if not site.transfers.recall:
        return ()
    name = recall_context_name(revision)
    wiring = Wiring(revision, name, {})
    node = Node(id="recall", kind="user", name="recall")
    rung = by_extension(wiring, dial_user(any_callee(site).silent, node, wiring))
    steps = (
        Step("Set", "HS_CAUSE=${EXTEN:1}"),
        Step("Set", "HS_EP=${BLINDTRANSFER:6:-9}"),
        Step("Set", "BLINDTRANSFER="),
        Step("ExecIf", "$[${DIALPLAN_EXISTS(hs-who,${HS_EP},1)} = 0]?Hangup(${HS_CAUSE})"),
        Step("Gosub", "hs-who,${HS_EP},1"),
        Step("Goto", f"{name},${{HS_USER}},1"),
    )
    return (replace(rung, extensions=(Extension("_c.", steps), *rung.extensions)),)
