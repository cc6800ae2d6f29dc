"""Flows and site -> Plan. Pure and byte-stable: the same input gives the same Plan."""

from collections.abc import Iterable, Sequence
from typing import Final

from hookswitch.flow.dial import dial_user
from hookswitch.flow.graph import Flow
from hookswitch.flow.mailboxes import mailbox_context, mailbox_sections, voicemail_entrance
from hookswitch.flow.node import Node, Wiring
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.number import NumberNode, arrived
from hookswitch.flow.records import literal
from hookswitch.flow.sip import sip_sections
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Context, Extension, Plan, Step

HOP_LIMIT: Final = 100
"""Objects a call may pass without ringing anybody before it is taken for a cycle."""


def compile_plan(flows: Sequence[Flow], site: Site, revision: int) -> Plan:
    """Compile a checked document; findings of `check_flows` must be empty."""
    nodes = [node for flow in flows for node in flow.objects]
    contexts = {node.id: f"hs-r{revision}-{node.id}" for node in nodes}
    users = [site.users[extension] for extension in sorted(site.users)]
    return Plan(
        revision=revision,
        contexts=(
            *(_node_context(node, site, revision, contexts) for node in nodes),
            *(_extension_context(user, revision) for user in users),
            mailbox_context(users, revision),
        ),
        entry=_entry(nodes, users, revision, contexts),
        sections=(*sip_sections(site), *mailbox_sections(site, nodes)),
    )


def _node_context(node: Node, site: Site, revision: int, contexts: dict[str, str]) -> Context:
    wiring = Wiring(revision, contexts[node.id], contexts)
    extensions = KINDS[node.kind].emit(node, site, wiring)
    return Context(wiring.context, tuple(_guarded(node, extensions)))


def _guarded(node: Node, extensions: Iterable[Extension]) -> Iterable[Extension]:
    """Count the objects a call passes, so that a cycle that rings nobody ends."""
    for extension in extensions:
        if extension.match != "s":
            yield extension
            continue
        guard = (
            Step("Set", f"HS_NODE={literal(node.id)}"),
            Step("Set", "HS_HOPS=$[0${HS_HOPS} + 1]"),
            Step("GotoIf", f"$[${{HS_HOPS}} > {HOP_LIMIT}]?hs-loop,s,1"),
        )
        yield Extension("s", (*guard, *extension.steps))


def _extension_context(user: SiteUser, revision: int) -> Context:
    """An extension dialled by a phone: an User object that nothing follows."""
    name = f"hs-r{revision}-ext-{user.extension}"
    wiring = Wiring(revision, name, {})
    node = Node(id="extension", kind="user", name=user.name)
    first, *others = dial_user(user, user.ring_time, node, wiring)
    return Context(name, (Extension("s", (arrived(wiring), *first.steps)), *others))


def _entry(
    nodes: Sequence[Node], users: Sequence[SiteUser], revision: int, contexts: dict[str, str]
) -> tuple[Context, ...]:
    """Where calls come in. Only what is listed here can be dialled at all."""
    numbers = [
        _entrance(form, contexts[node.id])
        for node in nodes
        if isinstance(node, NumberNode)
        for number in node.numbers
        for form in (number.removeprefix("+"), "+" + number.removeprefix("+"))
    ]
    extensions = [
        _entrance(user.extension, f"hs-r{revision}-ext-{user.extension}") for user in users
    ]
    return (
        Context("hs-from-trunk", tuple(numbers)),
        Context("hs-from-user", (*numbers, *extensions, voicemail_entrance(revision))),
    )


def _entrance(number: str, context: str) -> Extension:
    return Extension(number, (Step("Set", f"HS_DEST={number}"), Step("Goto", f"{context},s,1")))
