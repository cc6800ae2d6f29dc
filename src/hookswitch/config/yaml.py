"""YAML in: text -> plain values, and the line of each for error messages."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tokens import AliasToken

from hookswitch.config.problems import InvalidDocument, Loc, Problem

SIZE_LIMIT: Final = 8 << 20
"""Bytes of a document; ten thousand users take about a quarter of it."""


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


def load(text: str) -> Any:
    """Give the plain values of a YAML text. Aliases are refused: small text, endless document."""
    yaml = YAML(typ="safe", pure=True)
    try:
        for token in yaml.scan(text):
            if isinstance(token, AliasToken):
                at = token.start_mark.line + 1
                raise _invalid("it uses an alias (*)", "write the value out", at)
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        message = f"it is not YAML ({error.problem or error.context})"
        raise _invalid(message, "mend this line", line) from error
    except (YAMLError, RecursionError, ValueError) as error:
        raise _invalid("it is not YAML", "mend its syntax") from error


def line_of(text: str, loc: Loc) -> int | None:
    """The line, from 1, where the value at `loc` (or what comes closest) stands."""
    node: Node | None = YAML(typ="safe", pure=True).compose(StringIO(text))
    line: int | None = None
    for part in loc:
        found = next((child for name, child in _children(node) if name == part), None)
        if found is None:
            break
        node, line = found, found.start_mark.line + 1
    return line


def _children(node: Node | None) -> Iterator[tuple[int | str, Node]]:
    if isinstance(node, MappingNode):
        yield from ((k.value, v) for k, v in node.value if isinstance(k, ScalarNode))
    elif isinstance(node, SequenceNode):
        yield from enumerate(node.value)


def _invalid(message: str, mend: str, line: int | None = None) -> InvalidDocument:
    return InvalidDocument([Problem("", "", message, mend, line=line)])
