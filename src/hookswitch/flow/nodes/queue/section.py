"""A queue's section of queues.conf.

Its name has no revision, so that waiting callers keep their place through an Apply.
"""

from typing import TYPE_CHECKING, Final

from hookswitch.flow.members import HINT_CONTEXT, interface
from hookswitch.flow.music import music_class
from hookswitch.flow.node import Wiring
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Section

if TYPE_CHECKING:
    from hookswitch.flow.nodes.queue import QueueMember, QueueNode

STRATEGIES: Final = {
    "all": "ringall",
    "least_recent": "leastrecent",
    "fewest_calls": "fewestcalls",
    "random": "random",
    "round_robin": "rrmemory",
    "linear": "linear",
}
NOBODY: Final = "paused,invalid,unavailable"
"""`no` would let callers wait for phones that are not registered."""

A_DAY: Final = 86_400


def queue_name(node_id: str) -> str:
    return f"hs-{node_id}"


def sections(node: "QueueNode", site: Site, wiring: Wiring) -> tuple[Section, ...]:
    options = (
        ("strategy", STRATEGIES[node.strategy]),
        ("context", wiring.context),
        ("timeout", str(node.ring_time)),
        ("retry", str(node.retry)),
        ("wrapuptime", str(node.wrap_up)),
        ("maxlen", str(node.max_callers)),
        ("joinempty", "yes" if node.join_when_empty else NOBODY),
        ("leavewhenempty", NOBODY if node.leave_when_empty else "no"),
        ("ringinuse", "no"),
        ("autofill", "yes"),
        *(() if node.music is None else (("musicclass", music_class(node.music)),)),
        *_announcements(node, site),
        *(("member", _member(member, site.users[member.user])) for member in node.members),
    )
    return (Section("queues.conf", queue_name(node.id), options),)


def _announcements(node: "QueueNode", site: Site) -> tuple[tuple[str, str], ...]:
    periodic = (
        ()
        if node.periodic_prompt is None
        else (
            ("periodic-announce", f"{site.prompt_dir}/{node.periodic_prompt}"),
            ("periodic-announce-frequency", str(node.periodic_every)),
        )
    )
    tells = node.announce_position or node.announce_hold_time
    return (
        ("announce-position", "yes" if node.announce_position else "no"),
        ("announce-holdtime", "yes" if node.announce_hold_time else "no"),
        # by itself the engine tells nobody without a frequency, and never who is first
        ("announce-frequency", str(node.announce_every or (A_DAY if tells else 0))),
        *((("announce-to-first-user", "yes"),) if tells else ()),
        *periodic,
    )


def _member(member: "QueueMember", user: SiteUser) -> str:
    """Interface, penalty, name, and where the engine sees whether he is free."""
    name = "".join(sign for sign in user.name if sign not in ',"&|')
    state = f"hint:{user.extension}@{HINT_CONTEXT}"
    return f"{interface(user)},{member.penalty},{name},{state}"
