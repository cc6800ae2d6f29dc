"""A request's headers, however the web framework holds them."""

from collections.abc import Iterable
from typing import Protocol


class Headers(Protocol):
    """Pairs of name and value: a mapping, or what Flask, Django, Starlette, `http.server` give."""

    def items(self) -> Iterable[tuple[str, str]]: ...


def lowered(headers: Headers) -> dict[str, str]:
    """By lower-case name; of a header that stands twice, the last."""
    return {name.lower(): value for name, value in headers.items()}
