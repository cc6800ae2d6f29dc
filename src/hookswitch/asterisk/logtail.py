"""The complaints in an engine's log."""

import re
from pathlib import Path

# The time format of logger.conf, then the level, the thread, perhaps a call, the file, the text.
LINE = re.compile(r"^\[(?P<at>[^\]]+)\] (?P<level>ERROR|WARNING)\[\d+\](\[\S+\])? (?P<text>.*)$")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BUSY = re.compile(r"^taskprocessor\.c: .* queue reached \d+ scheduled tasks")
"""It has much to do for a moment, as with a thousand users at once: no complaint about them."""
NOTHING = "its log says nothing"
CHATTER = ("Setting max files open", "PBX UUID")


def size(path: Path) -> int:
    """Give the place from which `problems` will see only what comes after now."""
    return path.stat().st_size if path.exists() else 0


def problems(path: Path, start: int = 0) -> list[str]:
    """Give the ERROR and WARNING lines after byte `start`, without time and thread."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
    found = (m for line in lines if (m := LINE.match(line)))
    return [f"{m['level']} {m['text']}" for m in found if not BUSY.search(m["text"])]


def last_words(messages: Path, console: Path, start: int = 0, console_start: int = 0) -> str:
    """Give the last few complaints on one line, to quote in an error."""
    found = problems(messages, start)[-3:]
    if not found and console.exists():
        with console.open("rb") as file:
            file.seek(console_start)
            printed = COLOUR.sub("", file.read().decode(errors="replace")).splitlines()
        found = [line for line in printed if line.strip() and not line.startswith(CHATTER)][-3:]
    return " | ".join(found) or NOTHING
