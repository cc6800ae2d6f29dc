"""Directory: the caller dials a user by name."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.site import Site, SiteUser
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Section, Step

NORMAL = 16
FILE: Final = "directory.conf"
CONTEXT: Final = "default"
"""That of the mailboxes, so that a user with a box of his own number is told by his own voice."""
LETTER_SECONDS: Final = 10
_KEYPAD: Final = {
    letter: key
    for key, letters in {"2": "abc", "3": "def", "4": "ghi", "5": "jkl", "6": "mno",
                         "7": "pqrs", "8": "tuv", "9": "wxyz"}.items()
    for letter in letters
}  # fmt: skip
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
    """Directory itself answers, and dials nothing (`s`): only users listed here can be reached."""
    options = f"s{SEARCHES[node.search]}c(directory_plan.conf)"
    steps = (
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


def walk(node: DirectoryNode, walker: Walker) -> str | None:
    """Keys: the first three letters, then 1 to take the first name that fits."""
    walker.answer()
    letters = walker.key(LETTER_SECONDS)
    users = walker.site.users.values()
    found = [user for user in users if letters and letters in _entries(node, user)]
    if not found or walker.key(LETTER_SECONDS) != "1":
        return "not_found"
    walker.ring(found[0].extension, found[0].ring_time)
    return None


def _entries(node: DirectoryNode, user: SiteUser) -> set[str]:
    """What a caller may enter for a user."""
    names = user.name.split()
    first, last = names[0], names[-1]
    searched = {"first": [first], "last": [last], "both": [first, last]}[node.search]
    return {"".join(_KEYPAD.get(sign, "") for sign in name.lower()[:3]) for name in searched}


KIND = NodeKind(
    name="directory",
    title="Directory",
    group="Advanced options",
    schema=DirectoryNode,
    outputs=("not_found",),
    check=check,
    emit=emit,
    walk=walk,
    sections=sections,
)
