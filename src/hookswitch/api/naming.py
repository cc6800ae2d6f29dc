"""What generated clients call the operations, and what the parameters that many share mean."""

from collections.abc import Mapping
from typing import Final

from fastapi.routing import APIRoute

SINGLE: Final = frozenset({"session", "draft"})
"""Resources of which there is one."""
VERBS: Final[Mapping[str, str]] = {"one": "get", "revision": "get"}
MEANINGS: Final[Mapping[str, str]] = {
    "X-Setup-Code": "The one-time code that the start printed.",
    "address": "An IP address.",
    "after": "The `next` of the page before.",
    "again": "Also what was delivered already.",
    "base": "The revision this was made from: refused (409) if another is live by now.",
    "call": "The call's id (`unique_call_id`).",
    "comment": "Kept in the history with the revision.",
    "delivery": "The delivery's number.",
    "dry_run": "Tell what would change, and change nothing.",
    "endpoint": "The endpoint's name; of a Webhook object `object:` and its id.",
    "event": "The event's id (`webhook-id`).",
    "extension": "The user's extension.",
    "idempotency-key": "The same key within 24 hours gives the same call.",
    "limit": "At most so many.",
    "name": "Its name.",
    "new": "A revision's number, `live` or `previous`.",
    "number": "A telephone number, or the number of a replay.",
    "old": "A revision's number, `live` or `previous`.",
    "origin": "Where the document came from, for the history.",
    "ref": "The secret's reference, as the list has it.",
    "secrets": "With the secrets; wants the role administrator.",
    "session": "The session's id.",
    "since": "Only those from this instant on.",
    "state": "Only those in this state.",
    "token": "The token's id; of a link what follows `/m/`.",
    "type": "Only events of this type.",
    "until": "Only those before this instant.",
}


def operation_id(route: APIRoute) -> str:
    """`resource_action`, such as `calls_list`, `deliveries_retry`, `draft_get`."""
    tag, name = str(route.tags[0]) if route.tags else "", VERBS.get(route.name, route.name)
    if name != tag:
        return f"{tag}_{name}".lstrip("_")
    if tag in SINGLE:
        return f"{tag}_get"
    return f"{tag}_list" if tag.endswith("s") or tag == "audit" else tag
