"""YAML in: text -> plain values, and the line of each for error messages."""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    NodeEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from hookswitch.config.problems import InvalidDocument, Loc, Problem

SIZE_LIMIT: Final = 4 << 20
"""Bytes of a document; ten thousand users take about half of it, read in seconds."""

DEPTH_LIMIT: Final = 50

_QUOTED: Final = re.compile(r"""(['"])(?!<).{3,}\1""", re.DOTALL)

_UNREADABLE: Final = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)

_ESCAPED: Final = re.compile(r"\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL)
"""An escape of JSON; the halves of a surrogate pair are none of YAML's."""


def _escape(found: re.Match[str]) -> str:
    return "?" * len(found[0]) if len(found[1]) > 1 else found[0]


class Source(Struct, frozen=True, dict=True):
    """What a text says: plain values, and the nodes they stand for, which are seldom asked for."""

    text: str
    values: Any
    is_json: bool = False

    @cached_property
    def root(self) -> Node | None:
        # JSON may hold what YAML refuses; its place is all that is asked of it here
        readable = _ESCAPED.sub(_escape, _UNREADABLE.sub("?", self.text))
        root: Node | None = YAML(typ="safe").compose(readable)
        return root

    def __repr__(self) -> str:
        return "Source(...)"

    def line_of(self, loc: Loc) -> int | None:
        """The line, from 1, where the value at `loc` (or what comes closest) stands."""
        node = self.root
        for part in loc:
            child = None if node is None else _child(node, part)
            if child is None:
                break
            node = child
        return None if node is None else node.start_mark.line + 1

    def node_at(self, loc: Loc) -> Node | None:
        """The node of the value at `loc`, if there is one."""
        node = self.root
        for part in loc:
            node = None if node is None else _child(node, part)
        return node


def read_file(path: Path) -> str:
    """Give a file's text; what keeps it from being read is a Problem, not an OSError."""
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise _invalid(f"{path} is larger than {SIZE_LIMIT >> 20} MiB", "split the flows")
        return data.decode()
    except OSError as error:
        raise _invalid(f"{path} cannot be read ({error.strerror})", "name another file") from error
    except UnicodeDecodeError as error:
        raise _invalid(f"{path} is not UTF-8 text", "save it as UTF-8") from error


def load(text: str) -> Source:
    """Read a YAML text. Errors never quote it, they could quote a secret."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{") and (source := _json(text)):
        return source
    try:
        _check_events(text)
        yaml = YAML(typ="safe")
        root = yaml.compose(text)
        values = None if root is None else yaml.constructor.construct_document(root)
    except DuplicateKeyError as error:
        raise _invalid("this name is there twice", "remove one", _marked(error)) from None
    except MarkedYAMLError as error:
        mend = "indent by spaces, not by tabs" if _at_tab(error, text) else "mend this line"
        problem = _QUOTED.sub("...", error.problem or error.context or "")
        raise _invalid(f"it is not YAML ({problem})", mend, _marked(error)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _invalid("it holds a control character", "remove it", line) from None
    except (YAMLError, RecursionError, ValueError):
        raise _invalid("it is not YAML", "mend its syntax") from None
    source = Source(text, values)
    source.__dict__["root"] = root
    return source


def _json(text: str) -> Source | None:
    """JSON is YAML and is read a dozen times faster; what is wrong in it is told as for YAML."""
    try:
        values = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_value)
        if "\\u" in text:  # half of a surrogate pair is no text
            json.dumps(values, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return Source(text, values, is_json=True) if _is_shallow(values) else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name is there twice")
    return values


def _no_value(name: str) -> None:
    raise ValueError(f"{name} is no value of JSON")


def _is_shallow(values: Any) -> bool:
    level = [values]
    for _ in range(DEPTH_LIMIT):
        inside = (v.values() if isinstance(v, dict) else v for v in level)
        level = [entry for v in inside for entry in v if isinstance(entry, dict | list)]
        if not level:
            return True
    return False


def _check_events(text: str) -> None:
    """No aliases (small text, endless document), and so no anchors; no tags, no directives."""
    depth = 0
    for event in YAML(typ="safe").parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        line = event.start_mark.line + 1
        if depth > DEPTH_LIMIT:
            raise _invalid("it is nested too deeply", "mend this line", line)
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise _invalid("it has a directive", "remove the lines that begin with %", line)
        if sign := _sign(event):
            raise _invalid(f"a value begins with {sign}", "put it in quotes", line)


def _sign(event: Event) -> str:
    if isinstance(event, AliasEvent):
        return "*"
    if isinstance(event, NodeEvent) and event.anchor is not None:
        return "&"
    return "!" if getattr(event, "tag", None) is not None else ""


def _child(node: Node, part: int | str) -> Any:
    if isinstance(node, MappingNode):
        entries = (v for k, v in node.value if isinstance(k, ScalarNode) and k.value == str(part))
        return next(entries, None)
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None


def _marked(error: MarkedYAMLError) -> int | None:
    return error.problem_mark.line + 1 if error.problem_mark else None


def _at_tab(error: MarkedYAMLError, text: str) -> bool:
    mark = error.problem_mark
    return mark is not None and text[mark.index : mark.index + 1] == "\t"


def _invalid(message: str, mend: str, line: int | None = None) -> InvalidDocument:
    return InvalidDocument([Problem("", "", message, mend, line=line)])
