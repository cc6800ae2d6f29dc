"""The compiled call flow, before it is written as engine configuration: a closed set of two."""

from msgspec import Struct


class Step(Struct, frozen=True):
    """One dialplan priority: an application and its argument text, already escaped."""

    app: str
    args: str = ""
    label: str = ""


class Extension(Struct, frozen=True):
    """The steps of one dialled number or pattern, in order from priority 1."""

    match: str
    steps: tuple[Step, ...] = ()
    hint: str = ""
    """The devices whose state this extension shows, joined by `&`."""


class Context(Struct, frozen=True):
    """A dialplan context; names that carry a revision stay compiled while it has live calls."""

    name: str
    extensions: tuple[Extension, ...]


class Section(Struct, frozen=True):
    """A `[name]` with `key=value` options in a named configuration file of the engine."""

    file: str
    name: str
    options: tuple[tuple[str, str], ...]
    adds: bool = False
    """Add to the section of this name that is there before any revision."""


class Plan(Struct, frozen=True, kw_only=True):
    """All that the engine must be told for one revision."""

    revision: int
    contexts: tuple[Context, ...] = ()
    """Carry the revision in their names."""
    shared: tuple[Context, ...] = ()
    """Revision-free names that queues and members' legs look up; loaded with `contexts`."""
    entry: tuple[Context, ...] = ()
    """Revision-free names that lead into `contexts`; switched last."""
    sections: tuple[Section, ...] = ()
