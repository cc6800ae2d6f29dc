"""Looks for rows of the table that notice the loss of rules of the compiler."""

import itertools
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from support.compare import differences
from support.copies import Copy, copy_of, play_alone, play_copies
from support.joined import joined, own
from support.player import Outcome
from support.rules import Part, made, without
from support.serving import Serving
from support.table import load_rows
from support.traces import executed, reached, traced

from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.model.plan import Plan

ROWS = {row.row: row for row in load_rows() if not row.apart and not row.caller.clicks}
"""What a program asks for is dialled by a context that all rows share."""
CONTROLS = ("1", "7", "14", "16a")
AT_ONCE = 120
Pair = tuple[str, str]
"""A rule, and a row that may notice its loss."""


class Table(Struct, frozen=True, kw_only=True):
    """What the rows do without any loss."""

    plans: Mapping[str, Plan]
    made: Mapping[str, Mapping[str, set[Part]]]
    reached: Mapping[str, set[str]]
    seconds: Mapping[str, float]

    def candidates(self, rule: str) -> Sequence[str]:
        """The rows that could notice the loss of the rule, the quickest first."""
        rows = [row for row, some in self.reached.items() if rule in some]
        rows = rows or [row for row, some in self.made.items() if rule in some]
        return sorted(rows, key=lambda row: self.seconds[row])

    def least(self, rules: Iterable[str]) -> dict[str, str]:
        """For each rule the one that it contains: itself, if none makes less of what it makes."""
        found: dict[str, str] = {}
        product = self._products()
        for rule in sorted(product.keys() & {*rules}, key=lambda r: product[r].bit_count()):
            least = (r for r, by in found.items() if r == by and product[r] & ~product[rule] == 0)
            found[rule] = next(least, rule)
        return found

    def _products(self) -> dict[str, int]:
        """All that each rule makes of any row, a bit for each part."""
        places: dict[tuple[str, Part], int] = {}
        products: dict[str, set[int]] = defaultdict(set)
        for row, some in self.made.items():
            for rule, parts in some.items():
                products[rule] |= {places.setdefault((row, part), len(places)) for part in parts}
        return {rule: _mask(some, len(places)) for rule, some in products.items()}


class Sweep:
    """Plays copies on one engine; no two of them ever have the same index."""

    def __init__(self, at: Serving) -> None:
        self.rows: dict[str, str] = {}
        """The row that notices the loss, by rule."""
        self.alone: dict[str, str] = {}
        """The same of those that must be the whole document."""
        self.refused: set[str] = set()
        self._at = at
        self._numbers = itertools.count()
        self._tried: dict[str, set[str]] = defaultdict(set)

    async def table(self, file: Path) -> Table:
        """Play every row as it is, while the engine tells each step."""
        plans: dict[str, Plan] = {}
        copies = {row: self._kept(row, plans) for row in ROWS}
        async with traced(self._at, file):
            outcomes = await play_copies(self._at, list(copies.values()))
        named = {row: own(plans[row], copies[row].place.prefix) for row in ROWS}
        steps = executed(file)
        return Table(
            plans=plans,
            made={row: made(plan) for row, plan in plans.items()},
            reached={row: reached(plan, steps) for row, plan in named.items()},
            seconds={row: outcomes[copy.name].took for row, copy in copies.items()},
        )

    async def look(self, wanted: Sequence[str], table: Table, tries: int) -> None:
        """Lose each in so many rows at most."""
        for _ in range(tries):
            pairs = list(self._next(wanted, table))
            together = [pair for pair in pairs if not _is_shared(pair, table)]
            for begin in range(0, len(together), AT_ONCE):
                await self._together(together[begin : begin + AT_ONCE])
            for rule, row in (pair for pair in pairs if _is_shared(pair, table)):
                await self._alone(rule, row)
            _say(f"{len(self._done())} of {len(wanted)} losses are noticed")

    def _done(self) -> set[str]:
        return {*self.rows, *self.alone, *self.refused}

    def _next(self, wanted: Iterable[str], table: Table) -> Iterator[Pair]:
        for rule in (rule for rule in wanted if rule not in self._done()):
            left = [row for row in table.candidates(rule) if row not in self._tried[rule]]
            if left:
                self._tried[rule].add(left[0])
                yield rule, left[0]

    def _kept(self, row: str, plans: dict[str, Plan]) -> Copy:
        """Keeps the plan, and leaves it as it is."""
        n = next(self._numbers)
        return copy_of(ROWS[row], f"{n}", n, lambda plan: plans.setdefault(row, plan))

    def _right(self, row: str) -> Copy:
        n = next(self._numbers)
        return copy_of(ROWS[row], f"{n}", n)

    def _wrong(self, rule: str, row: str) -> Copy:
        n = next(self._numbers)
        return copy_of(ROWS[row], f"{n}", n, lambda plan: without(plan, rule))

    async def _together(self, pairs: Sequence[Pair]) -> None:
        right = [self._right(row) for row in CONTROLS]
        wrong = [self._wrong(rule, row) for rule, row in pairs]
        try:
            outcomes = await play_copies(self._at, [*right, *wrong])
        except ApplyError:
            await self._halves(pairs)
            return
        red = [copy.name for copy in right if differences(outcomes[copy.name])]
        if red:
            _say(f"not counted, since {red} are red too: is the machine busy?")
            return
        for copy, (rule, row) in zip(wrong, pairs, strict=True):
            if differences(outcomes[copy.name]):
                self.rows[rule] = row

    async def _halves(self, pairs: Sequence[Pair]) -> None:
        if len(pairs) == 1:
            self.refused.add(pairs[0][0])
            return
        half = len(pairs) // 2
        await self._together(pairs[:half])
        await self._together(pairs[half:])

    async def _alone(self, rule: str, row: str) -> None:
        right, wrong = self._right(row), self._wrong(rule, row)
        try:
            outcome = await play_alone(self._at, wrong)
        except ApplyError:
            self.refused.add(rule)
            return
        if differences(outcome) and _is_green(await play_alone(self._at, right)):
            self.alone[rule] = row


def _mask(places: Iterable[int], size: int) -> int:
    bits = bytearray(size // 8 + 1)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return int.from_bytes(bits, "little")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_green(outcome: Outcome) -> bool:
    return not differences(outcome)


def _is_shared(pair: Pair, table: Table) -> bool:
    """Whether another row's plan makes up for the loss."""
    rule, row = pair
    plan = table.plans[row]
    another, lost = own(plan, "another"), own(without(plan, rule), "lost")
    return joined([another, own(plan, "lost")]) == joined([another, lost])
