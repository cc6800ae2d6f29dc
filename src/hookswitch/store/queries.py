"""SQL kept in files: `-- name: x` begins the statement that is called x."""

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load_queries(package: str, file: str) -> Mapping[str, str]:
    """Give the named statements of one SQL file of a package."""
    return dict(_split(files(package).joinpath(file).read_text(encoding="utf-8")))


def _split(text: str) -> Iterator[tuple[str, str]]:
    pieces = _NAME.split(text)
    yield from zip(pieces[1::2], (sql.strip().rstrip(";") for sql in pieces[2::2]), strict=True)
