"""What of a configuration a throwaway engine is given to try.

An account costs the engine a sixth of a millisecond: of ten thousand phones only those are tried
that are not in force already, and very many by two engines at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from hookswitch.asterisk.configuration.render import sections_of, text_of

ACCOUNTS: Final = ("pjsip_endpoint_plan.conf", "pjsip_aor_plan.conf", "pjsip_auth_plan.conf")
"""Files whose sections stand each for itself."""
MANY: Final = 3000
"""Sections from which on a second engine takes less time than it costs."""


class Trial(Struct, frozen=True):
    """Files for one engine, and the last of the SIP endpoints in them."""

    files: Mapping[str, str]
    endpoints: Sequence[str]


def trials(files: Mapping[str, str], live: Mapping[str, str | None]) -> Iterator[Trial]:
    """Divide `files`; `live` are those that an engine has taken before."""
    fresh = {name: _fresh(files.get(name), live.get(name)) for name in ACCOUNTS}
    if sum(map(len, fresh.values())) < MANY:
        yield _trial(files, fresh)
        return
    yield _trial(files, {name: found[::2] for name, found in fresh.items()})
    yield _trial({}, {name: found[1::2] for name, found in fresh.items()})


def _fresh(text: str | None, before: str | None) -> list[str]:
    known = frozenset(sections_of(before or ""))
    return [section for section in sections_of(text or "") if section not in known]


def _trial(files: Mapping[str, str], accounts: Mapping[str, Sequence[str]]) -> Trial:
    texts = {name: text_of(found) for name, found in accounts.items()}
    last = [section[1 : section.index("]")] for section in accounts[ACCOUNTS[0]][-1:]]
    return Trial({**files, **texts}, last)
