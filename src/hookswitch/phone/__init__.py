"""A small SIP phone: for the demo's callers and for tests with real calls."""

from hookswitch.phone.call import Call
from hookswitch.phone.errors import (
    CallFailed,
    ParseError,
    PhoneError,
    PhoneTimeoutError,
    RegistrationFailed,
)
from hookswitch.phone.g711 import NOTHING, SILENCE, Sound, tone
from hookswitch.phone.phone import Behaviour, Phone
from hookswitch.phone.progress import CallState, EndedBy, Moment

__all__ = [
    "NOTHING",
    "SILENCE",
    "Behaviour",
    "Call",
    "CallFailed",
    "CallState",
    "EndedBy",
    "Moment",
    "ParseError",
    "Phone",
    "PhoneError",
    "PhoneTimeoutError",
    "RegistrationFailed",
    "Sound",
    "tone",
]
