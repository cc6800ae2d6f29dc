"""What the engine keeps of users and queues that are no more: an extension begins anew."""

import re
from collections.abc import Iterator
from typing import Final

import structlog

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import EngineError
from hookswitch.config.document import Document
from hookswitch.flow.nodes.queue import QueueNode
from hookswitch.flow.nodes.queue.section import queue_name

log = structlog.get_logger(__name__)

_USERS: Final = (
    re.compile(r"/(CustomDevstate)/(hs(?:dnd|fwd)(\d+))\s"),
    re.compile(r"/(hs-forward)/((\d+)/\w+)\s"),
    re.compile(r"/(hs-(?:agent|pause))/([\w-]+/(\d+))\s"),
)
_QUEUES: Final = re.compile(r"/(hs-(?:agent|pause))/(([\w-]+)/\d+)\s")


async def forget_leavers(ami: Ami, before: Document, now: Document) -> None:
    """Clear do not disturb, forwards, queue logins and pauses; a failure is only logged."""
    users = _users(before) - _users(now)
    queues = _queues(before) - _queues(now)
    if not users and not queues:
        return
    try:
        for family in ("CustomDevstate", "hs-forward", "hs-agent", "hs-pause"):
            kept = await ami.command(f"database show {family}")
            for key in _keys(kept, users, queues):
                await _forget(ami, family, key)
    except EngineError as error:
        log.warning("apply.states_kept", error=str(error))


async def _forget(ami: Ami, family: str, key: str) -> None:
    if family == "CustomDevstate":
        await ami.command(f"devstate change Custom:{key} INVALID")
    await ami.command(f"database del {family} {key}")


def _keys(kept: str, users: frozenset[str], queues: frozenset[str]) -> Iterator[str]:
    for line in kept.splitlines():
        for pattern, gone in (*((pattern, users) for pattern in _USERS), (_QUEUES, queues)):
            found = pattern.match(line)
            if found and found[3] in gone:
                yield found[2]
                break


def _users(document: Document) -> frozenset[str]:
    return frozenset(user.extension for user in document.users)


def _queues(document: Document) -> frozenset[str]:
    nodes = (node for flow in document.flows for node in flow.objects)
    return frozenset(queue_name(node.id) for node in nodes if isinstance(node, QueueNode))
