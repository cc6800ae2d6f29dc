"""Reads dialplan and configuration text back, as the engine's own parsers do.

Written from Asterisk's rules: a semicolon begins a comment unless a backslash precedes it, the
first `=` ends the key, a `>` right behind it belongs to the operator.
"""

import re
from dataclasses import dataclass, field

Steps = list[tuple[str, str]]


@dataclass
class Block:
    name: str
    options: list[tuple[str, str]] = field(default_factory=list)


def read_config(text: str) -> list[Block]:
    blocks: list[Block] = []
    for raw in text.encode().split(b"\n"):
        line = _uncommented(raw.rstrip(b"\r").decode()).strip()
        if not line:
            continue
        if found := re.fullmatch(r"\[([^\]]+)\](?:\(\+\))?", line):
            blocks.append(Block(found[1]))
            continue
        key, equals, value = line.partition("=")
        assert equals, f"the engine would refuse {line!r}"
        blocks[-1].options.append((key.strip(), value.removeprefix(">").strip()))
    return blocks


def _uncommented(line: str) -> str:
    position = 0
    while (position := line.find(";", position)) >= 0:
        if position == 0 or line[position - 1] != "\\":
            return line[:position]
        line = line[: position - 1] + line[position:]
    return line


def read_dialplan(text: str) -> dict[str, dict[str, Steps]]:
    """Context -> extension -> (application, arguments) in order of priority, a hint first."""
    contexts: dict[str, dict[str, Steps]] = {}
    for block in read_config(text):
        assert block.name not in contexts, f"context {block.name} is there twice"
        extensions: dict[str, Steps] = contexts.setdefault(block.name, {})
        for key, value in block.options:
            place, step = _place(key, value)
            if place:
                begun = extensions.setdefault(place, [])
                only_hint = [app for app, _ in begun] == ["hint"]
                assert only_hint or not begun, f"{block.name},{place} is there twice"
            list(extensions.values())[-1].append(step)
    return contexts


def _place(key: str, value: str) -> tuple[str, tuple[str, str]]:
    """The extension that begins here, if one does, and the step."""
    if key == "exten":
        match, priority, step = value.split(",", 2)
        assert priority in {"1", "hint"}
        return match, ("hint", step) if priority == "hint" else _step(step)
    assert key == "same"
    priority, step = value.split(",", 1)
    assert re.fullmatch(r"n(\(\w+\))?", priority)
    return "", _step(step)


def _step(text: str) -> tuple[str, str]:
    app, _, arguments = text.partition("(")
    assert text.endswith(")"), text
    return app, arguments[:-1]
