"""Mailboxes in the engine, and the phone's own way to them."""

import re
from collections.abc import Sequence
from typing import Final

from hookswitch.flow.node import Node
from hookswitch.flow.nodes.voicemail import VoicemailNode
from hookswitch.flow.site import Mailbox, Site, SiteUser
from hookswitch.model.plan import Context, Extension, Section, Step

DEFAULT_SECONDS: Final = 180


def mailbox_sections(site: Site, nodes: Sequence[Node]) -> tuple[Section, ...]:
    """One line per box; emails are ours to send, so the engine has none."""
    if not site.mailboxes:
        return ()
    longest = {node.box: node.max_seconds for node in nodes if isinstance(node, VoicemailNode)}
    lines = (
        (number, _line(site.mailboxes[number], longest.get(number, DEFAULT_SECONDS)))
        for number in sorted(site.mailboxes)
    )
    return (Section("voicemail.conf", "default", tuple(lines)),)


def mailbox_context(users: Sequence[SiteUser], revision: int) -> Context:
    """Each device's own box, by the endpoint that calls; a caller id proves nothing."""
    extensions = [
        Extension(device.username, (Step("VoiceMailMain", f"{user.mailbox}@default,s"),))
        for user in users
        if user.mailbox is not None
        for device in user.devices
    ]
    none = Extension("i", (Step("Playback", "vm-incorrect-mailbox"), Step("Hangup", "21")))
    return Context(f"hs-r{revision}-all-box", (*extensions, none))


def voicemail_entrance(code: str | None, revision: int) -> tuple[Extension, ...]:
    if code is None:
        return ()
    own = Step("Goto", f"hs-r{revision}-all-box,${{CHANNEL(endpoint)}},1")
    return (Extension(code, (Step("Answer"), own)),)


def _line(box: Mailbox, max_seconds: int) -> str:
    return f"{box.pin.reveal()},{_name(box.name)},,,maxsecs={max_seconds}|attach=no"


def _name(name: str) -> str:
    """The line's own syntax has commas and bars."""
    return re.sub(r"[,|<>\"\\]", " ", name)
