"""Encrypted audio as options of an endpoint."""

from collections.abc import Mapping
from typing import Final

from hookswitch.flow.site import Srtp

SRTP: Final[Mapping[Srtp, Mapping[str, str]]] = {
    "off": {},
    "optional": {"media_encryption": "sdes", "media_encryption_optimistic": "yes"},
    "required": {"media_encryption": "sdes"},
}
