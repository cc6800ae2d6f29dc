"""Copies of rows, each with a compiler of its own, played together on one engine.

What all of a document share, such as a trunk, is made by every copy: a compiler that makes it
wrongly is only seen by a copy that is the whole document.
"""

import asyncio
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from support.joined import joined, own
from support.mutants import SLOW, slowed
from support.player import PATIENCE, Outcome, apply_rows, play_all
from support.serving import Serving
from support.site import Place, document, place
from support.table import Row

from hookswitch.app.configuration import rendering
from hookswitch.config.check import parse_text
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

FIRST = 400
"""The first index of the copies; those of the table itself are smaller."""
RED_WITHIN = 12.0
"""How long a row is waited for that shall fail; a right one gets its usual time."""

_APPLYING = asyncio.Lock()
"""There is one compiler for all engines of a process."""


class Copy(Struct, frozen=True, kw_only=True):
    """A row, and what is done to its plan; nothing is done to one that must stay green."""

    place: Place
    change: Callable[[Plan], Plan] | None

    @property
    def name(self) -> str:
        return self.place.row.row


def copy_of(row: Row, name: str, n: int, change: Callable[[Plan], Plan] | None = None) -> Copy:
    """The n-th copy, to be found by the row and this name."""
    renamed = replace(row, row=f"{row.row} {name}", index=FIRST + n, calls=1)
    return Copy(place=place(renamed), change=change)


def plan_of(at: Serving, copy: Copy, revision: int) -> Plan:
    """The plan of the row by itself, as this compiler makes it."""
    alone = parse_text(document(at, [copy.place]))
    site = site_of(alone, None, str(at.server.prompts.directory))
    plan = compile_plan(alone.flows, site, revision)
    usual = slowed(plan) if copy.name.split()[0] in SLOW else plan
    return copy.change(usual) if copy.change else usual


def joined_plan(at: Serving, copies: Sequence[Copy], revision: int) -> Plan:
    """Of all of them; what they share is as the first one has it, so that must be a right one."""
    plans = [own(plan_of(at, copy, revision), copy.place.prefix) for copy in copies]
    return joined(plans)


async def play_copies(at: Serving, copies: Sequence[Copy]) -> Mapping[str, Outcome]:
    """Play them all, each as its compiler made it."""
    return await _play(at, copies, lambda revision: joined_plan(at, copies, revision))


async def play_alone(at: Serving, copy: Copy) -> Outcome:
    """Play it as the whole document there is."""
    outcomes = await _play(at, [copy], lambda revision: plan_of(at, copy, revision))
    return outcomes[copy.name]


async def _play(
    at: Serving, copies: Sequence[Copy], compiled: Callable[[int], Plan]
) -> Mapping[str, Outcome]:
    places = [copy.place for copy in copies]
    async with _APPLYING:
        with compiling(compiled):
            await apply_rows(at, places)
    wrong = {copy.name for copy in copies if copy.change}
    return await play_all(
        at,
        places,
        math.ceil(len(places) / 2),
        lambda one: RED_WITHIN if one.row.row in wrong else PATIENCE,
    )


@contextmanager
def compiling(compiled: Callable[[int], Plan]) -> Iterator[None]:
    """Whatever is applied gets this plan."""

    def instead(_flows: Any, _site: Any, revision: int) -> Plan:
        return compiled(revision)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "compile_plan", instead)
        yield
