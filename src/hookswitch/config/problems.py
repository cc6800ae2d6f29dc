"""What is wrong with a document: the object, the field, and the mend."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import Struct
from pydantic import ValidationError
from pydantic_core import ErrorDetails

Loc = tuple[int | str, ...]


class Problem(Struct, frozen=True):
    """`where` names the object for people (`users[1] (Alice)`), `loc` is its path for programs."""

    where: str
    field: str
    message: str
    mend: str
    loc: Loc = ()
    line: int | None = None
    severity: Literal["error", "warning"] = "error"
    """A warning is said and keeps nothing from being applied."""

    def __str__(self) -> str:
        line = f"line {self.line}: " if self.line else ""
        where = f"{self.where}: " if self.where else ""
        field = f"{self.field}: " if self.field else ""
        return f"{line}{where}{field}{self.message}: {self.mend}"


class InvalidDocument(Exception):  # noqa: N818  it is the document that is invalid
    """A document that cannot be used; `problems` is never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


SHOWN: Final = 60
"""Characters of a name that stand well in one line."""

_MENDS: Final = {
    "missing": ("it is missing", "add it"),
    "extra_forbidden": ("there is no such field", "remove it or mend its spelling"),
    "string_type": ("it is not text", "write text, in quotes if it looks like a number"),
    "int_type": ("it is not a whole number", "write a whole number"),
    "int_parsing": ("it is not a whole number", "write a whole number"),
    "int_from_float": ("it is not a whole number", "write a whole number"),
    "bool_type": ("it is neither true nor false", "write true or false"),
    "bool_parsing": ("it is neither true nor false", "write true or false"),
    "invalid_key": ("a name in it is not text", "write names as text"),
    "string_unicode": ("it holds half of a character", "write the character itself"),
    "tuple_type": ("it is not a list", "write a list, each entry on a line with a dash"),
    "dict_type": ("it is not a mapping", "write name: value pairs"),
    "mapping_type": ("it is not a mapping", "write name: value pairs"),
    "model_type": ("it is not a mapping", "write name: value pairs"),
    "model_attributes_type": ("it is not a mapping", "write name: value pairs"),
}


def from_validation(error: ValidationError, raw: object) -> list[Problem]:
    """Translate what pydantic found; input values are never quoted, they may be secrets."""
    found = error.errors(include_url=False, include_input=False)
    return [_problem(details, raw) for details in found if not _is_consequence(details, found)]


def _is_consequence(details: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """A list counts as too short when all its entries are wrong.

    A phone's password, else made up, counts as missing when its user's extension is wrong.
    """
    loc = details["loc"]
    if details["type"] == "missing" and loc[-3:-2] == ("devices",) and loc[-1] == "password":
        return len(found) > 1
    return details["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in found
    )


def _problem(details: ErrorDetails, raw: object) -> Problem:
    loc = tuple(part for part in details["loc"] if part != "[key]")
    context: Mapping[str, Any] = details.get("ctx", {})
    default = (_lower(details["msg"]), "see the reference of the configuration")
    message, mend = _MENDS.get(details["type"], default)
    if details["type"] == "hookswitch":
        message, mend = context["message"], context["mend"]
    elif "expected" in context:
        message, mend = "it is none of the allowed values", f"use {context['expected']}"
    elif details["type"] in {"too_short", "too_long"} and context.get("field_type") != "Value":
        message, mend = _entries(context)
    elif limits := _limits(context):
        message, mend = "it is out of range", f"use {limits}"
    where, field = split(loc, raw)
    return Problem(where, field, message, mend, loc)


def _entries(context: Mapping[str, Any]) -> tuple[str, str]:
    """Of a list that is too short or too long."""
    least, most = context.get("min_length"), context.get("max_length")
    if least is None:
        return "it has too many entries", f"use at most {most} entries"
    message = "it has too few entries" if context.get("actual_length") else "it is empty"
    return message, f"use at least {least} {'entry' if least == 1 else 'entries'}"


def _limits(context: Mapping[str, Any]) -> str:
    words = {
        "ge": "at least {}",
        "le": "at most {}",
        "min_length": "at least {} characters",
        "max_length": "at most {} characters",
    }
    return " and ".join(words[k].format(context[k]) for k in words if k in context)


def split(loc: Loc, raw: object) -> tuple[str, str]:
    """Tell the object from the field: the last list entry on the path is the object."""
    entries = (i for i in range(len(loc)) if isinstance(_follow(raw, loc[:i]), list | tuple))
    last = max(entries, default=-1)
    where = [_step(loc[: i + 1], raw) for i in range(last + 1)]
    return "".join(where).lstrip("."), ".".join(map(str, loc[last + 1 :]))


def _step(path: Loc, raw: object) -> str:
    part = path[-1]
    if isinstance(part, str):
        return f".{part}"
    entry = _follow(raw, path)
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f"[{part + 1}] ({name})" if _can_show(name) else f"[{part + 1}]"


def _can_show(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= SHOWN and name.isprintable()


def _follow(raw: object, path: Iterable[int | str]) -> object:
    for part in path:
        try:
            raw = raw[part]  # type: ignore[index]  # a miss is the answer
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
