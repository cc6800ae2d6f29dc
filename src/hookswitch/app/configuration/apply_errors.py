"""Why a configuration is not applied, on one page; the old revision is still in force."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from hookswitch.model.secret import MASK

_NO_ADDRESS: Final = re.compile(r"object of type 'identify' with id 'trunk-(\w+)'")
"""All that the engine says of a trunk whose name it cannot look up."""
_SURE: Final = 8
_GUARDS: Final = 4


class ApplyError(Exception):
    """The document could not be made live; `problems` are the engine's or the check's words."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *problems]))
        self.message, self.problems = message, tuple(problems)

    def without(self, secrets: Collection[str]) -> "ApplyError":
        """Give the same with the secrets masked: the engine quotes what it does not take."""
        problems = [redacted(problem, secrets) for problem in self.problems]
        return type(self)(redacted(self.message, secrets), problems)


class OutdatedError(ApplyError):
    """Somebody else applied since the change was looked at."""


class NoRevisionError(ApplyError):
    """There is no such revision, or it never was live."""


def explained(problem: str) -> str:
    """The engine's words, or what they mean."""
    if found := _NO_ADDRESS.search(problem):
        return (
            f"trunks {found[1]}: host: the name cannot be looked up: mend it, or the name service"
            " (DNS) of this machine"
        )
    return problem


def redacted(text: str, secrets: Collection[str]) -> str:
    """Mask each; a short one, such as a PIN, only where no letter or digit is next to it.

    One of fewer than four characters guards nothing, is none that the engine was ever given (those
    are PINs and passwords), and would be found in any text.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SURE:
            text = text.replace(secret, MASK)
        elif len(secret) >= _GUARDS:
            text = re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", MASK, text)
    return text
