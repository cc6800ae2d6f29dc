"""User: rings all devices of one user."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from hookswitch.flow.callee import callee_of
from hookswitch.flow.dial import dial_user
from hookswitch.flow.fields import ExtensionNumber
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension


class UserNode(Node):
    """`user` is the extension of a user; `ring_time` (seconds) overrides the user's own."""

    kind: Literal["user"]
    user: ExtensionNumber
    ring_time: Annotated[int, Field(ge=1, le=600, strict=True)] | None = None


def check(node: UserNode, site: Site) -> Iterable[Finding]:
    if node.user not in site.users:
        known = ", ".join(sorted(site.users)[:5]) or "none yet"
        yield Finding(
            "user",
            f"there is no user {node.user}",
            f"add that user, or name one of those there are ({known})",
        )


def emit(node: UserNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    user = site.users[node.user]
    callee = callee_of(user, node.ring_time or user.ring_time, site)
    return dial_user(callee, node, wiring)


def walk(node: UserNode, walker: Walker) -> str:
    return walker.ring(node.user, node.ring_time or walker.site.users[node.user].ring_time)


KIND = NodeKind(
    name="user",
    title="User",
    group="Basic",
    schema=UserNode,
    outputs=("no_answer", "busy", "offline", "ended"),
    check=check,
    emit=emit,
    walk=walk,
)
