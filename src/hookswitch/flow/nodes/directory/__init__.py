"""Directory: the caller dials a user by name."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.plan import Extension, Section, Step

NORMAL = 16
FILE: Final = "directory.conf"
CONTEXT: Final = "default"
"""That of the mailboxes, so that a user with a box of his own number is told by his own voice."""
SEARCHES: Final = {"first": "f", "last": "l", "both": "b"}


class DirectoryNode(Node):
    """`search` says which of a user's names the caller enters, by its first three letters."""

    kind: Literal["directory"]
    search: Literal["first", "last", "both"] = "last"


def check(_node: DirectoryNode, site: Site) -> Iterable[Finding]:
    if not site.users:
        yield Finding("", "there is nobody to find", "add users to `users`")
    for user in site.users.values():
        if user.extension in site.mailboxes and user.mailbox != user.extension:
            yield Finding(
                "",
                f"mailbox {user.extension} is not that of {user.name}, who has this extension:"
                " the directory would tell the wrong name",
                "give the box to that user, or another number to the box",
            )


def emit(node: DirectoryNode, site: Site, wiring: Wiring) -> Sequence[Extension]:
    """Directory itself dials nothing (`s`): only the users listed here can be reached."""
    options = f"s{SEARCHES[node.search]}c(directory_plan.conf)"
    steps = (
        Step("Answer"),
        Step("Set", "DIRECTORY_RESULT="),
        Step("Directory", f"{CONTEXT},{wiring.context},{options}"),
        Step(
            "GotoIf",
            f'$["${{DIRECTORY_RESULT}}" = "SELECTED"]?{wiring.context},${{DIRECTORY_EXTEN}},1',
        ),
        wiring.leave(node, "not_found", cause=NORMAL),
    )
    users = (Extension(extension, (wiring.ring(extension),)) for extension in sorted(site.users))
    return (Extension("s", steps), *users)


def sections(_node: DirectoryNode, site: Site, _wiring: Wiring) -> Sequence[Section]:
    users = (site.users[extension] for extension in sorted(site.users))
    return (Section(FILE, CONTEXT, tuple((user.extension, _line(user)) for user in users)),)


def _line(user: SiteUser) -> str:
    """As in voicemail.conf, whose syntax has commas and bars."""
    name = re.sub(r"[,|<>\"\\]", " ", user.name)
    return f",{name}"


KIND = NodeKind(
    name="directory",
    title="Directory",
    group="Advanced options",
    schema=DirectoryNode,
    outputs=("not_found",),
    check=check,
    emit=emit,
    sections=sections,
)
