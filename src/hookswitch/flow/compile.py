"""Flows and site -> Plan. Pure and byte-stable: the same input gives the same Plan."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from hookswitch.flow.agents import agent_entrances, agents_context
from hookswitch.flow.blocked import callers_context, turn_away
from hookswitch.flow.callee import any_callee, by_extension, limits, users_context
from hookswitch.flow.dial import dial_user
from hookswitch.flow.gate import GATE
from hookswitch.flow.graph import Flow
from hookswitch.flow.mailboxes import mailbox_context, mailbox_sections, voicemail_entrance
from hookswitch.flow.members import HINT_CONTEXT, RING_CONTEXT
from hookswitch.flow.music import music_sections
from hookswitch.flow.node import Node, Wiring, extension_context
from hookswitch.flow.nodes import KINDS
from hookswitch.flow.nodes.number import NumberNode, arrived
from hookswitch.flow.nodes.queue import QueueNode
from hookswitch.flow.pickup import (
    back_context,
    comeback_context,
    parking_entrances,
    parking_sections,
    pickup_entrances,
    slot_hints,
)
from hookswitch.flow.recall import recall_contexts
from hookswitch.flow.recording import recorded_by
from hookswitch.flow.records import literal
from hookswitch.flow.routes import numbers_context, outside_contexts, outside_entrances
from hookswitch.flow.sip import sip_sections
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.states import devices_context, devices_section, hints, state_entrances
from hookswitch.model.plan import Context, Extension, Plan, Section, Step

MEMBER_SECONDS: Final = 3600
TRANSFERRED: Final = Step("Set", "__HS_VISIT=")
"""A call that a phone transfers comes in like its own; the queue it was in is behind it."""
COUNTED: Final = Step("Set", "GROUP(hs-trunk)=${CHANNEL(endpoint)}")
"""For trunks that take only so many calls; the engine walks through all groups for each."""
ENTRY_MARK: Final = "hs-entry"
"""A context that says which revision is entered; the entry itself may take seconds to show."""
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
            users_context(users, revision),
            _extension_context(site, revision),
            _ring_context(site, revision),
            back_context(site, revision),
            *recall_contexts(site, revision),
            agents_context(nodes, site, revision),
            mailbox_context(users, revision),
            *outside_contexts(site, revision),
            *callers_context(site.blocked_callers, revision),
        ),
        shared=(
            *_member_contexts(nodes, users, site, revision),
            comeback_context(users, revision),
            devices_context(users),
            numbers_context(site),
        ),
        entry=_entry(nodes, site, revision, contexts),
        sections=(
            *sip_sections(site),
            *mailbox_sections(site, nodes),
            *parking_sections(site.parking),
            *music_sections(site),
            devices_section(users),
            *dict.fromkeys(s for node in nodes for s in _sections(node, site, revision, contexts)),
        ),
    )


def _node_context(node: Node, site: Site, revision: int, contexts: dict[str, str]) -> Context:
    wiring = Wiring(revision, contexts[node.id], contexts)
    extensions = KINDS[node.kind].emit(node, site, wiring)
    return Context(wiring.context, tuple(_guarded(node, extensions)))


def _sections(node: Node, site: Site, revision: int, contexts: dict[str, str]) -> Sequence[Section]:
    sections = KINDS[node.kind].sections
    return sections(node, site, Wiring(revision, contexts[node.id], contexts)) if sections else ()


def _guarded(node: Node, extensions: Iterable[Extension]) -> Iterable[Extension]:
    """Count the objects a call passes, so that a cycle that rings nobody ends."""
    for extension in extensions:
        if extension.match != "s":
            yield extension
            continue
        guard = (
            # one step: each costs the engine messages, whatever it does
            Step("MSet", f"HS_NODE={literal(node.id)},HS_HOPS=$[0${{HS_HOPS}} + 1]"),
            Step("GotoIf", f"$[${{HS_HOPS}} > {HOP_LIMIT}]?hs-loop,s,1"),
        )
        yield Extension("s", (*guard, *extension.steps))


def _extension_context(site: Site, revision: int) -> Context:
    """An extension dialled by a phone: an User object that nothing follows."""
    wiring = Wiring(revision, extension_context(revision), {}, recalls=site.transfers.recall)
    node = Node(id="extension", kind="user", name="extension")
    return by_extension(wiring, dial_user(any_callee(site), node, wiring), *arrived(wiring))


def _ring_context(site: Site, revision: int) -> Context:
    """A user as a member: rung until who dialled gives up."""
    wiring = Wiring(revision, f"hs-r{revision}-all-ring", {})
    node = Node(id="member", kind="user", name="member")
    member = replace(any_callee(site).silent, seconds=str(MEMBER_SECONDS))
    return by_extension(wiring, dial_user(member, node, wiring, forwards=False))


def _entry(
    nodes: Sequence[Node], site: Site, revision: int, contexts: dict[str, str]
) -> tuple[Context, ...]:
    """Where calls come in. Only what is listed here can be dialled at all."""
    users = [site.users[extension] for extension in sorted(site.users)]
    numbers = [
        (form, contexts[node.id])
        for node in nodes
        if isinstance(node, NumberNode)
        for number in node.numbers
        for form in (number.removeprefix("+"), "+" + number.removeprefix("+"))
    ]
    dialled = (
        *(_entrance(number, f"{context},s", TRANSFERRED) for number, context in numbers),
        *(
            _entrance(u.extension, f"{extension_context(revision)},{u.extension}", TRANSFERRED)
            for u in users
        ),
    )
    codes = [
        Extension(code, (Step("Goto", f"{contexts[node.id]},{extension},1"),))
        for node in nodes
        for code, extension in KINDS[node.kind].codes(node, site)
    ]
    features = (
        *pickup_entrances(site.codes, users),
        *parking_entrances(site.parking),
        *state_entrances(site.codes),
        *agent_entrances(site.codes, nodes, revision),
    )
    voicemail = voicemail_entrance(site.codes.voicemail, revision)
    inside = {*(number for number, _ in numbers), *site.users}
    outside = (e for e in outside_entrances(site, revision) if e.match not in inside)
    is_counted = any(trunk.max_channels for trunk in site.trunks)
    from_trunk = (*((COUNTED,) if is_counted else ()), *turn_away(site.blocked_callers, revision))
    return (
        Context(
            "hs-from-trunk",
            tuple(_entrance(number, f"{context},s", *from_trunk) for number, context in numbers),
        ),
        Context("hs-from-user", (*dialled, *voicemail, *codes, *features, *outside)),
        Context(ENTRY_MARK, (Extension("s", (Step("NoOp", f"hs-r{revision}"),)),)),
    )


def _member_contexts(
    nodes: Sequence[Node], users: Sequence[SiteUser], site: Site, revision: int
) -> tuple[Context, ...]:
    """Who an endpoint is, how a member is rung, and whether he is free."""
    members = {m.user for node in nodes if isinstance(node, QueueNode) for m in node.members}
    devices = [(user, device) for user in users for device in user.devices]
    tells = any(user.announces for user in users)
    who = (
        Extension(device.username, (*_who_is(user, site, tells=tells), Step("Return")))
        for user, device in devices
    )
    ring = (
        Extension(u.extension, (Step("Goto", f"hs-r{revision}-all-ring,{u.extension},1"),))
        for u in users
    )
    return (
        Context("hs-who", tuple(who)),
        Context(RING_CONTEXT, tuple(ring)),
        Context(HINT_CONTEXT, (*hints(site, members), *slot_hints(site.parking))),
    )


def _who_is(user: SiteUser, site: Site, *, tells: bool) -> tuple[Step, ...]:
    """`HS_RECORDS` says how calls to this user are recorded, `HS_RECORDS_OUT` those he places,
    `HS_SAYS_OUT` is the option of Dial that tells whom he calls. The rest is for calls outside.
    """
    who = f"ext={literal(user.extension)}&name={literal(user.name)}"
    ways = {"in": user.records_inbound, "out": user.records_outbound}
    record = {
        way: f"{recorded_by(user.extension, way)},{site.recording_format},both" if wanted else ""
        for way, wanted in ways.items()
    }
    prompt = f"A({site.prompt_dir}/{user.announces})" if user.announces else ""
    return (
        Step("Set", f"HS_WHO={who}"),
        Step("Set", f"HS_RECORDS={record['in']}"),
        Step("Set", f"HS_RECORDS_OUT={record['out']}"),
        Step("Set", f"HS_USER={user.extension}"),
        Step("Set", f"HS_SHOWN={user.shown or ''}"),
        Step("Set", f"HS_HIDES={int(user.hides)}"),
        Step("Set", f"HS_LIMITS={limits(user)}"),
        *((Step("Set", f"HS_SAYS_OUT={prompt}"),) if tells else ()),
    )


def _entrance(number: str, place: str, *then: Step) -> Extension:
    enter = Step("Goto", f"{place},1")
    return Extension(number, (GATE, Step("Set", f"HS_DEST={number}"), *then, enter))
