"""How commands show instants, documents and texts that came from outside."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import click


def printable(text: str, keep: str = "") -> str:
    """A caller's name or a receiver's answer must not steer the terminal."""
    return "".join(
        char if char.isprintable() or char in keep else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def pretty(document: Any) -> str:
    return printable(json.dumps(document, indent=2, ensure_ascii=False), keep="\n")


def indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def when(at: str) -> str:
    """An instant of the API in this machine's zone."""
    return f"{datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M:%S}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    lines = [tuple(head), *(tuple(map(printable, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    first, *rest = padded
    return "\n".join([click.style(first, bold=True), *rest])


def print_json(document: Any) -> None:
    """One document; ASCII escapes keep it whole whatever came in."""
    click.echo(json.dumps(document, indent=2))
