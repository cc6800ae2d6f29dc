"""Which steps of the dialplan were executed, as the engine's own log tells."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from support.rules import made_by
from support.serving import Serving

from hookswitch.flow.outside import fits
from hookswitch.model.plan import Context, Extension, Plan

_STEP = re.compile(rb"Executing \[([^@\]]*)@([^:\]]+):(\d+)\]")


Executed = tuple[str, str, int]


@asynccontextmanager
async def traced(at: Serving, file: Path) -> AsyncIterator[None]:
    """The engine writes each step into the file as long as this lasts."""
    await at.engine_says(f"logger add channel {file} verbose(3)")
    yield
    await at.engine_says(f"logger remove channel {file}")


def executed(file: Path) -> set[Executed]:
    """Context, what was dialled in it, and the step's place."""
    found = _STEP.findall(file.read_bytes())
    return {(c.decode(), e.decode("utf-8", "replace"), int(n)) for e, c, n in found}


def reached(plan: Plan, steps: set[Executed]) -> set[str]:
    """The rules that made something of what was executed."""
    contexts = {c.name: c for c in (*plan.contexts, *plan.shared, *plan.entry)}
    return {
        rule
        for name, dialled, place in steps
        if name in contexts
        for extension in _dialled(contexts[name], dialled)
        for part in (contexts[name], extension, extension.steps[place - 1])
        for rule in made_by(part)
    }


def _dialled(context: Context, number: str) -> Iterator[Extension]:
    exact = [e for e in context.extensions if e.match == number]
    patterns = [e for e in context.extensions if e.match[0] == "_"]
    yield from (exact or [e for e in patterns if fits(e.match[1:], number)])[:1]
