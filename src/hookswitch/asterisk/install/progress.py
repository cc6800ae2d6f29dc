"""How an install tells what it is doing."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

Name = Literal["wait", "index", "download", "verify", "unpack", "prove", "done"]


class Step(Struct, frozen=True):
    """A step of an install; `done` of `total` are of `unit`, and total 0 means not known."""

    name: Name
    text: str
    done: int = 0
    total: int = 0
    unit: Literal["", "bytes", "packages"] = ""


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Tell nobody."""
