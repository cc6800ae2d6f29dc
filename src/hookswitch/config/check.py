"""From raw values to a document that can be compiled, or to all that is wrong with it."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from msgspec.structs import replace
from pydantic import ValidationError

from hookswitch.config.codes import collisions
from hookswitch.config.document import DeviceConfig, Document
from hookswitch.config.outside import outside_problems, outside_warnings
from hookswitch.config.problems import InvalidDocument, Loc, Problem, from_validation, split
from hookswitch.config.reach import reach_warnings
from hookswitch.config.secrets import copied, filled
from hookswitch.config.site import site_of
from hookswitch.config.yaml import Source, load
from hookswitch.flow.graph import check_flows
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.nodes.voicemail import VoicemailNode
from hookswitch.flow.prompts import check_prompt
from hookswitch.flow.recording import check_record
from hookswitch.flow.site import Site

NONE: Final[Mapping[str, str]] = MappingProxyType({})
STAND_IN: Final[Mapping[str, str]] = MappingProxyType({"kind": "hang_up", "name": "?"})
"""Of an object that cannot be read, where only the others are looked at."""


def parse_text(text: str, kept: Mapping[str, str] = NONE) -> Document:
    """Parse and check a YAML document; raises InvalidDocument with lines."""
    return parse_source(load(text), kept)


def parse_source(source: Source, kept: Mapping[str, str] = NONE) -> Document:
    """Check what was read; `kept` are the secrets that it may leave out, by reference."""
    try:
        return parse(source.values, kept)
    except InvalidDocument as error:
        lines = (replace(p, line=source.line_of(p.loc)) for p in error.problems)
        raise InvalidDocument(tuple(lines)) from None


def parse(raw: Any, kept: Mapping[str, str] = NONE) -> Document:
    """Check raw values; raises InvalidDocument."""
    raw = filled(raw, kept)
    try:
        document = Document.model_validate(raw)
    except ValidationError as error:
        found = from_validation(error, raw)
        raise InvalidDocument([*found, *_besides(found, raw)]) from None
    if problems := list(_problems(document)):
        raise InvalidDocument([_named(problem, raw) for problem in problems])
    return document


def _besides(found: Sequence[Problem], raw: Any) -> list[Problem]:
    """What else is wrong, when only objects of flows have wrong fields: so that nobody who draws
    takes the others for right.
    """
    wrong = {problem.loc[:4] for problem in found}
    if any(len(loc) < 4 or (loc[0], loc[2]) != ("flows", "objects") for loc in wrong):
        return []
    rest = copied(raw)
    try:
        for _, flow, _, place in wrong:
            objects = rest["flows"][flow]["objects"]
            objects[place] = {**STAND_IN, "id": objects[place]["id"]}
        document = Document.model_validate(rest)
    except (ValidationError, LookupError, TypeError):
        return []
    return [_named(p, raw) for p in _problems(document) if p.loc[:4] not in wrong]


def check_references(document: Document, prompts: frozenset[str]) -> list[Problem]:
    """Check what a checked document says of prompts, now that the uploaded ones are known."""
    problems = list(_of_prompts(document, site_of(document, prompts)))
    raw = document.model_dump() if problems else {}
    return [_named(problem, raw) for problem in problems]


def warnings(document: Document) -> list[Problem]:
    """What is likely not meant so, and can be applied all the same."""
    found = (*outside_warnings(document), *reach_warnings(document))
    raw = document.model_dump() if found else {}
    return [_named(problem, raw) for problem in found]


def _problems(document: Document) -> Iterable[Problem]:
    """What the fields alone cannot tell: references, and names given twice."""
    site = site_of(document)
    yield from _duplicates(document)
    yield from _of_prompts(document, site)
    yield from _unreachable(document)
    yield from _numbers(document)
    yield from collisions(document, site)
    yield from _retention(document)
    yield from _mailboxes(document)
    yield from outside_problems(document)
    yield from _browsers(document)


def _of_prompts(document: Document, site: Site) -> Iterable[Problem]:
    """Whatever may name one; with objects, all else that is wrong with them."""
    for found in check_flows(document.flows, site):
        field = tuple(found.finding.field.split("."))
        loc: Loc = ("flows", found.flow, "objects", found.object, *field)
        yield Problem("", "", found.finding.message, found.finding.mend, loc)
    yield from _recording_users(document, site)
    yield from _music(document, site)


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
        ("box", "mailbox", [(("mailboxes", i), m.box) for i, m in enumerate(document.mailboxes)]),
        ("name", "music", [(("music", i), m.name) for i, m in enumerate(document.music)]),
        ("name", "trunk", [(("trunks", i), t.name) for i, t in enumerate(document.trunks)]),
        ("name", "route", [(("routes", i), r.name) for i, r in enumerate(document.routes)]),
        ("name", "webhook", [(("webhooks", i), w.name) for i, w in enumerate(document.webhooks)]),
    ]
    for field, noun, entries in keys:
        seen: set[str] = set()
        for loc, value in entries:
            if value in seen:
                message = f"another {noun} already has {value}"
                yield Problem("", "", message, "choose another", (*loc, field))
            seen.add(value)


def _recording_users(document: Document, site: Site) -> Iterable[Problem]:
    for i, user in enumerate(document.users):
        for found in (
            *check_record("record_inbound", user.record_inbound, site),
            *check_record("record_outbound", user.record_outbound, site),
        ):
            loc: Loc = ("users", i, *found.field.split("."))
            yield Problem("", "", found.message, found.mend, loc)


def _music(document: Document, site: Site) -> Iterable[Problem]:
    for i, music in enumerate(document.music):
        for j, piece in enumerate(music.prompts):
            for found in check_prompt(f"prompts.{j}", piece, site):
                loc: Loc = ("music", i, "prompts", j)
                yield Problem("", "", found.message, found.mend, loc)


def _unreachable(document: Document) -> Iterable[Problem]:
    """A number that is an extension too would ring whichever the engine finds first."""
    extensions = {user.extension for user in document.users}
    for i, flow in enumerate(document.flows):
        for j, node in enumerate(flow.objects):
            if not isinstance(node, NumberNode):
                continue
            loc = ("flows", i, "objects", j, "numbers")
            if both := extensions.intersection(n.removeprefix("+") for n in node.numbers):
                message = f"{min(both)} is also a user's extension"
                yield Problem("", "", message, "change one of them", loc)
            if not document.trunks:
                message = "there is no trunk that a call to it could come from"
                yield Problem("", "", message, "add a trunk to `trunks`", loc)


def _numbers(document: Document) -> Iterable[Problem]:
    """With a list of the account's numbers, one that is not in it is a slip of the pen."""
    known: set[str] = set()
    for i, one in enumerate(document.numbers):
        bare = one.number.removeprefix("+")
        if bare in known:
            loc: Loc = ("numbers", i, "number")
            yield Problem("", "", f"{one.number} is there twice", "remove one", loc)
        known.add(bare)
    for i, flow in enumerate(document.flows if known else ()):
        for j, node in enumerate(flow.objects):
            if not isinstance(node, NumberNode):
                continue
            for number in node.numbers:
                if number.removeprefix("+") not in known:
                    message = f"{number} is none of the account's numbers"
                    loc = ("flows", i, "objects", j, "numbers")
                    yield Problem("", "", message, "add it to `numbers`, or mend it", loc)


def _browsers(document: Document) -> Iterable[Problem]:
    for i, user in enumerate(document.users):
        for j, one in enumerate(user.devices):
            if one.kind != "browser":
                continue
            loc = ("users", i, "devices", j)
            for field in ("transport", "srtp"):
                if getattr(one, field) != DeviceConfig.model_fields[field].default:
                    message = "a browser has WebSocket and DTLS-SRTP in any case"
                    yield Problem("", "", message, "remove it", (*loc, field))


def _retention(document: Document) -> Iterable[Problem]:
    kept = document.retention
    if kept.history_days and (kept.deliveries_days or 0) > kept.history_days:
        message = f"deliveries go with their calls, after {kept.history_days} days"
        mend = f"write at most {kept.history_days}, or leave it out"
        yield Problem("", "", message, mend, ("retention", "deliveries_days"))


def _mailboxes(document: Document) -> Iterable[Problem]:
    boxes = {mailbox.box for mailbox in document.mailboxes}
    for i, user in enumerate(document.users):
        if user.mailbox is not None and user.mailbox not in boxes:
            message = f"there is no mailbox {user.mailbox}"
            yield Problem("", "", message, "add it to `mailboxes`", ("users", i, "mailbox"))
    lengths: dict[str, int] = {}
    for i, flow in enumerate(document.flows):
        for j, node in enumerate(flow.objects):
            if not isinstance(node, VoicemailNode):
                continue
            if lengths.setdefault(node.box, node.max_seconds) != node.max_seconds:
                message = f"another object gives box {node.box} another length"
                loc = ("flows", i, "objects", j, "max_seconds")
                yield Problem("", "", message, "give both the same", loc)


def _named(problem: Problem, raw: object) -> Problem:
    where, field = split(problem.loc, raw)
    return replace(problem, where=where, field=field)
