"""Which row of the table notices the loss of which rule of the compiler: rules.yaml.

`rows` are played together, rows of `alone` each as the whole document; the engine does not take a
configuration without what is `refused`. What is made by a rule of `within` holds all that another
one made, whose loss is noticed. `elsewhere` are tests that fail, `nobody` are rules that no test
misses yet, each with why.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from ruamel.yaml import YAML

FILE = Path(__file__).parents[1] / "rules.yaml"
HEAD = """\
# Which row of the table of scenarios notices the loss of which rule of the compiler, and what else
# there is: see support/noticing.py. Made by: .venv/bin/python tests/engine/sweep.py
"""
ByWhat = Mapping[str, Sequence[str]]


class Noticing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    rows: ByWhat
    alone: ByWhat = {}
    refused: Sequence[str] = ()
    within: ByWhat = {}
    elsewhere: ByWhat = {}
    nobody: ByWhat = {}

    def known(self) -> Iterator[str]:
        for group in (self.rows, self.alone, self.within, self.elsewhere, self.nobody):
            for some in group.values():
                yield from some
        yield from self.refused


def load() -> Noticing:
    return msgspec.convert(YAML(typ="safe", pure=True).load(FILE), type=Noticing)


def save(noticing: Noticing) -> None:
    yaml = YAML()
    yaml.width = 100_000
    with FILE.open("w", encoding="utf-8") as file:
        file.write(HEAD)
        yaml.dump(msgspec.to_builtins(noticing), file)
