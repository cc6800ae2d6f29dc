"""What an endpoint is not to see, taken out of a body: every field stays, its content does not."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import msgspec

from hookswitch.model.endpoints import Endpoint
from hookswitch.model.secret import Secret


def masked(body: bytes, endpoint: Endpoint, key: Callable[[], Secret]) -> bytes:
    """Drop or hash the fields its settings name; the same bytes for the same body.

    `key` gives what pseudonyms are made with: the same on every machine.
    """
    if not endpoint.masks:
        return body
    fields: dict[str, Any] = msgspec.json.decode(body)
    for name, how in endpoint.masks:
        value = fields.get(name)
        if not value:  # absent, null, or withheld: there is nothing to hide
            continue
        if how == "hash" and isinstance(value, str):
            fields[name] = _pseudonym(value, endpoint, key())
        else:
            fields[name] = [] if isinstance(value, list) else ""
    return msgspec.json.encode(fields)


def _pseudonym(value: str, endpoint: Endpoint, key: Secret) -> str:
    """The same for the same value at one endpoint, another at the next.

    A keyed one: numbers are few enough to try them all against a plain hash.
    """
    about = f"{endpoint.id}\0{value}".encode()
    digest = hmac.new(key.reveal().encode(), about, hashlib.sha256).hexdigest()
    return "h_" + digest[:32]
