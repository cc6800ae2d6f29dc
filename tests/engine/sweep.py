"""Finds for each rule of the compiler a row of the table that notices its loss: rules.yaml.

What is on record stays, unless it is looked for `--again`. All rows are played once to see which
rules they reach; then each rule is lost in copies of those rows, the quickest first, many at once.
It takes some minutes on a quiet machine.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import structlog
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.noticing import ByWhat, Noticing, load, save
from support.rules import rules, watched
from support.serving import serving
from support.sweeping import Sweep

TRIED = "no row that reaches it notices"
UNREACHED = "no row has it"


def _kept(groups: ByWhat, there: Collection[str]) -> ByWhat:
    kept = {name: [rule for rule in some if rule in there] for name, some in groups.items()}
    return {name: some for name, some in kept.items() if some}


def _with(groups: ByWhat, found: Mapping[str, str]) -> ByWhat:
    made = defaultdict(list, {name: list(some) for name, some in groups.items()})
    for rule, name in found.items():
        made[name].append(rule)
    return {name: sorted(made[name]) for name in sorted(made)}


async def _sweep(before: Noticing, tries: int) -> Noticing:
    with tempfile.TemporaryDirectory() as place:
        async with serving(Path(place)) as at:
            sweep = Sweep(at)
            table = await sweep.table(Path(place) / "trace")
            there = {*rules(), *(rule for some in table.made.values() for rule in some)}
            least = table.least(there)
            # what another one is within needs no row of its own
            needed = {r for r in there if least.get(r, r) == r}
            known = _known(before, needed)
            wanted = sorted(needed.intersection(least) - set(known.known()))
            await sweep.look(wanted, table, tries)
    return _after(known, sweep, needed, least)


def _known(before: Noticing, needed: Collection[str]) -> Noticing:
    return Noticing(
        rows=_kept(before.rows, needed),
        alone=_kept(before.alone, needed),
        refused=[rule for rule in before.refused if rule in needed],
        elsewhere=_kept(before.elsewhere, needed),
    )


def _after(
    known: Noticing, sweep: Sweep, needed: Collection[str], least: Mapping[str, str]
) -> Noticing:
    found = replace(
        known,
        rows=_with(known.rows, sweep.rows),
        alone=_with(known.alone, sweep.alone),
        refused=sorted({*known.refused, *sweep.refused}),
        within=_with({}, {rule: by for rule, by in least.items() if rule != by}),
    )
    left = needed - set(found.known())
    nobody = {rule: TRIED if rule in least else UNREACHED for rule in left}
    return replace(found, nobody=_with({}, nobody))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="look for every rule's row anew")
    parser.add_argument("--tries", type=int, default=8, help="rows to try for each rule")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    before = load()
    if options.again:
        before = Noticing(rows={}, elsewhere=before.elsewhere)
    with watched():
        after = asyncio.run(_sweep(before, options.tries))
    save(after)
    for why, left in after.nobody.items():
        sys.stdout.write("\n  ".join((f"{why}:", *left)) + "\n")


if __name__ == "__main__":
    main()
