"""A document's text with its secrets cut out or put in; comments, order and spacing stay."""

import json
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, Final

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from hookswitch.config.problems import InvalidDocument
from hookswitch.config.schema import secret_names
from hookswitch.config.secrets import Place, copied, places
from hookswitch.config.yaml import Source, load
from hookswitch.model.secret import MASK

MASKED: Final = json.dumps(MASK)
_INDENT: Final = 2


class Cut(Struct, frozen=True, order=True):
    """A piece of the text, and what to write there."""

    start: int
    end: int
    text: str

    def __repr__(self) -> str:
        return f"Cut({self.start}, {self.end})"


def without_secrets(source: Source) -> str:
    """Give the text with a mask for each secret, in its comments too."""
    if source.is_json:
        return _as_json(source)
    text, found = source.text, places(source.values)
    values = [p.value for p in found if isinstance(p.value, str) and p.value != MASK]
    cuts = [cut for p in found if p.value is not None and (cut := _replacing(source, p, MASKED))]
    if len(cuts) != sum(p.value is not None for p in found):
        return write(_masked(source.values))
    spans = sorted([(c.start, c.end) for c in cuts] + _scalars(source.root, text))
    masked = _apply(text, [*cuts, *_in_comments(text, spans, values)])
    return masked if _says(masked, _masked(source.values)) else write(_masked(source.values))


def _as_json(source: Source) -> str:
    """JSON has no comments: it is written anew, indented as it was."""
    depth = re.search(r"\n([ \t]+)", source.text)
    masked = _masked(source.values)
    return json.dumps(masked, ensure_ascii=False, indent=depth[1] if depth else None)


def with_secrets(text: str, values: Mapping[str, str]) -> str:
    """Put the secrets in, by reference, where they are masked and where they were left out."""
    source = load(text)
    wanted = [place for place in places(source.values) if place.is_kept]
    cuts = [cut for p in wanted if (cut := _giving(source, p, json.dumps(values[p.reference])))]
    for place in wanted:
        place.holder[place.key] = values[place.reference]
    given = _apply(text, cuts)
    return given if _says(given, source.values) else write(source.values)


def write(raw: Any) -> str:
    """Give plain values as YAML, what looks like a number in quotes."""
    text = _dump(raw, in_ascii=False)
    return text if _says(text, raw) else _dump(raw, in_ascii=True)


def _dump(raw: Any, *, in_ascii: bool) -> str:
    yaml = YAML()
    yaml.width = 100
    yaml.allow_unicode = not in_ascii
    yaml.indent(mapping=_INDENT, sequence=2 * _INDENT, offset=_INDENT)
    out = StringIO()
    yaml.dump(_quoted(raw), out)
    return out.getvalue()


def _quoted(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        return {key: _quoted(value) for key, value in raw.items()}
    if isinstance(raw, list | tuple):
        return [_quoted(value) for value in raw]
    return DoubleQuotedScalarString(raw) if isinstance(raw, str) and not raw.isalpha() else raw


def _says(text: str, values: Any) -> bool:
    try:
        return bool(load(text).values == values)
    except InvalidDocument:
        return False


def _masked(raw: Any) -> Any:
    values = copied(raw)
    for place in places(values):
        if place.value is not None:
            place.holder[place.key] = MASK
    return values


def _apply(text: str, cuts: list[Cut]) -> str:
    pieces, at = [], 0
    for cut in sorted(cuts):
        pieces += [text[at : cut.start], cut.text]
        at = cut.end
    return "".join((*pieces, text[at:]))


def _replacing(source: Source, place: Place, new: str) -> Cut | None:
    node = source.node_at(place.loc)
    if not isinstance(node, ScalarNode):
        return None
    start, end = node.start_mark.index, node.end_mark.index
    if start == end:  # an empty value is marked where the next one begins
        start = end = source.text.find(":", _key_end(source, place)) + 1
    else:
        start, end = _span(node, source.text)
    return Cut(start, end, new if source.text[start - 1] != ":" else f" {new}")


def _key_end(source: Source, place: Place) -> int:
    owner = source.node_at(place.loc[:-1])
    pairs = owner.value if isinstance(owner, MappingNode) else []
    return max((key.end_mark.index for key, _ in pairs if key.value == place.key), default=0)


def _giving(source: Source, place: Place, new: str) -> Cut | None:
    """Replace what stands there, or add the field before the others of its owner."""
    if place.key in place.holder:
        return _replacing(source, place, new)
    owner = source.node_at(place.loc[:-1])
    if not isinstance(owner, MappingNode):
        return None
    at, column = owner.start_mark.index, owner.start_mark.column
    if owner.flow_style:
        return Cut(at + 1, at + 1, f"{json.dumps(place.key)}: {new}, ")
    return Cut(at, at, f"{place.key}: {new}\n{' ' * column}")


def _in_comments(text: str, spans: list[tuple[int, int]], values: list[str]) -> Iterator[Cut]:
    """What is no value is punctuation or a comment; a comment may repeat a secret."""
    said = "|".join(re.escape(value) for value in sorted(values, key=len, reverse=True)) or "(?!)"
    fields = "|".join(sorted(secret_names()))
    secret = re.compile(rf"""{said}|(?<![\w-])(?:{fields})["']?\s*:\s*["']?(?P<old>[^\s"',}}]+)""")
    before = 0
    for start, end in [*spans, (len(text), len(text))]:
        gap = text[before:start]
        for comment in re.finditer("#.*", gap):
            for match in secret.finditer(comment[0]):
                first, last = match.span("old") if match["old"] else match.span()
                at = before + comment.start()
                yield Cut(at + first, at + last, MASK)
        before = max(before, end)


def _scalars(node: Node | None, text: str) -> list[tuple[int, int]]:
    if isinstance(node, ScalarNode):
        return [_span(node, text)]
    if isinstance(node, MappingNode):
        return [span for pair in node.value for part in pair for span in _scalars(part, text)]
    if isinstance(node, SequenceNode):
        return [span for entry in node.value for span in _scalars(entry, text)]
    return []


def _span(node: ScalarNode, text: str) -> tuple[int, int]:
    """One of several lines is marked up to what follows, with the comments between."""
    start, end = node.start_mark.index, node.end_mark.index
    if node.style not in {"|", ">"}:
        return start, end
    head, *lines = text[start:end].splitlines(keepends=True)
    depth = min((len(line) - len(line.lstrip()) for line in lines[:1]), default=0)
    length = len(head)
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            break
        length += len(line)
    return start, start + len(text[start : start + length].rstrip())
