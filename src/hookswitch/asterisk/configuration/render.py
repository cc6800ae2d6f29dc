"""Plan -> text of the engine's configuration files (pure, golden-tested); knows no node kind."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from hookswitch.model.plan import Context, Extension, Plan, Section

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HEAD: Final = "; written by Hookswitch: do not edit\n"
_NO_NAME: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029;\[\](),]")


def render_revision(plan: Plan) -> str:
    """The contexts of one revision; kept as long as it has live calls."""
    return text_of(_context(context) for context in plan.contexts)


def render_shared(plan: Plan) -> str:
    """What queues look up; a queue never sees a hint that comes after it."""
    return text_of(_context(context) for context in plan.shared)


def render_entry(plan: Plan) -> str:
    """The contexts through which calls come in; written last."""
    return text_of(_context(context) for context in plan.entry)


def render_sections(plan: Plan) -> Mapping[str, str]:
    """Text by configuration file name."""
    files: dict[str, list[str]] = {}
    for section in plan.sections:
        files.setdefault(section.file, []).append(_section(section))
    return {name: text_of(files[name]) for name in sorted(files)}


def text_of(blocks: Iterable[str]) -> str:
    return _HEAD + "".join(f"\n{block}" for block in blocks)


def sections_of(text: str) -> Sequence[str]:
    """The blocks of a file of sections; no value in them holds a line break."""
    return [f"[{block}" for block in text.split("\n[")[1:]]


def _context(context: Context) -> str:
    lines = [f"[{_plain(context.name)}]"]
    for extension in sorted(context.extensions, key=_place, reverse=True):
        match = _match(extension.match)
        if extension.hint:
            lines.append(f"exten => {match},hint,{_value(extension.hint)}")
        head = f"exten => {match},1"
        for step in extension.steps:
            label = f"({_plain(step.label)})" if step.label else ""
            lines.append(f"{head}{label},{_word(step.app)}({_value(step.args)})")
            head = " same => n"
    return "\n".join(lines) + "\n"


def _place(extension: Extension) -> tuple[bool, str]:
    """The last one first: the engine seeks the place of each step from the front of its list.

    In any other order the time it takes grows with the square of the extensions of a context.
    """
    return extension.match.startswith("_"), extension.match


def _section(section: Section) -> str:
    # spaced: the engine takes `=>` for another operator, and a password may begin with `>`
    options = [f"{_word(key)} = {_value(value)}" for key, value in section.options]
    head = f"[{_plain(section.name)}]{'(+)' if section.adds else ''}"
    return "\n".join((head, *options)) + "\n"


def _value(text: str) -> str:
    """A semicolon would begin a comment; a line break would begin a line of its own."""
    if not text.isprintable():
        _one_line(text)
    return text.replace(";", "\\;")


def _match(text: str) -> str:
    """A pattern may hold sets of digits, such as `_[1-5]X`."""
    if text.startswith("_"):
        _plain(re.sub(r"\[[0-9a-z-]+\]", "", text))
        return text
    return _plain(text)


@lru_cache(1000)
def _word(text: str) -> str:
    """One of the few names of applications and options."""
    return _plain(text)


def _plain(text: str) -> str:
    if _NO_NAME.search(text):
        _one_line(text)
        raise ValueError(f"not a name for the engine: {text!r}")
    return text


def _one_line(text: str) -> None:
    if _CONTROL.search(text):
        raise ValueError("a control character cannot be written into the engine's configuration")
