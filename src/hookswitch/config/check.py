"""From raw values to a document that can be compiled, or to all that is wrong with it."""

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace
from pydantic import ValidationError

from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument, Loc, Problem, from_validation, split
from hookswitch.config.site import site_of
from hookswitch.config.yaml import line_of, load
from hookswitch.flow.graph import check_flows
from hookswitch.flow.nodes.number import NumberNode


def parse_text(text: str) -> Document:
    """Parse and check a YAML document; raises InvalidDocument with lines."""
    raw = load(text)
    try:
        return parse(raw)
    except InvalidDocument as error:
        lines = (replace(p, line=line_of(text, p.loc)) for p in error.problems)
        raise InvalidDocument(tuple(lines)) from error


def parse(raw: Any) -> Document:
    """Check raw values; raises InvalidDocument."""
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        raise InvalidDocument(from_validation(error, raw)) from error
    if problems := list(_problems(document)):
        raise InvalidDocument([_named(problem, raw) for problem in problems])
    return document


def _problems(document: Document) -> Iterable[Problem]:
    """What the fields alone cannot tell: references, and names given twice."""
    yield from _duplicates(document)
    for found in check_flows(document.flows, site_of(document)):
        field = tuple(found.finding.field.split("."))
        loc: Loc = ("flows", found.flow, "objects", found.object, *field)
        yield Problem("", "", found.finding.message, found.finding.mend, loc)
    yield from _unreachable(document)


def _duplicates(document: Document) -> Iterable[Problem]:
    keys: list[tuple[str, str, list[tuple[Loc, str]]]] = [
        ("extension", "user", [(("users", i), u.extension) for i, u in enumerate(document.users)]),
        (
            "username",
            "device",
            [
                (("users", i, "devices", j), device.username)
                for i, user in enumerate(document.users)
                for j, device in enumerate(user.devices)
            ],
        ),
        ("name", "trunk", [(("trunks", i), t.name) for i, t in enumerate(document.trunks)]),
        ("name", "webhook", [(("webhooks", i), w.name) for i, w in enumerate(document.webhooks)]),
    ]
    for field, noun, entries in keys:
        seen: set[str] = set()
        for loc, value in entries:
            if value in seen:
                message = f"another {noun} already has {value}"
                yield Problem("", "", message, "choose another", (*loc, field))
            seen.add(value)


def _unreachable(document: Document) -> Iterable[Problem]:
    """A number that is an extension too would ring whichever the engine finds first."""
    extensions = {user.extension for user in document.users}
    for i, flow in enumerate(document.flows):
        for j, node in enumerate(flow.objects):
            if not isinstance(node, NumberNode):
                continue
            loc = ("flows", i, "objects", j, "numbers")
            if both := extensions.intersection(node.numbers):
                message = f"{min(both)} is also a user's extension"
                yield Problem("", "", message, "change one of them", loc)
            if not document.trunks:
                message = "there is no trunk that a call to it could come from"
                yield Problem("", "", message, "add a trunk to `trunks`", loc)


def _named(problem: Problem, raw: object) -> Problem:
    where, field = split(problem.loc, raw)
    return replace(problem, where=where, field=field)
