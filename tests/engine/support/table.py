"""The rows of scenarios.yaml as typed values."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from ruamel.yaml import YAML
from support.receiver import Reply

TABLE = Path(__file__).parents[1] / "scenarios.yaml"
FIRST = "first"
"""As a user of events: the one that the call rang first, whoever he is."""
_BYTE = re.compile(rb"\\x([0-9a-f]{2})")


class Caller(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who calls whom, and does what.

    `origin` is the trunk or one of the row's phones; `dials` is `number`, `outside` (a
    number of the row beyond the trunk), a user, or text in which
    `{A}` is a phone's account and `{ext A}` a user's extension. In `raw_from` `\\xNN` is a byte and
    `{uri}` the usual address.
    `seen_as` is how the caller must arrive, where it differs from `number` and `name`.
    """

    origin: str = "trunk"
    dials: str = "number"
    number: str = "61400000001"
    name: str | None = "Jane Citizen"
    name_times: int = 1
    raw_from: str = ""
    headers: Mapping[str, str] = {}
    seen_as: Mapping[str, str] = {}
    does: Sequence[str | Mapping[str, Any]] = ()
    clicks: str = ""
    """A program asks for the call and calls it so; `does` is what the phone of `origin` does."""
    shows: str | None = None
    """The number that the program wants to be shown."""
    sound: int = 0
    """The tone that the caller sends all the time, in hertz."""


Expected = Sequence[Mapping[str, Any] | Sequence[Mapping[str, Any]]]
"""Webhooks in order; those that may come in any order stand in a list, each with its user."""


class Aside(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call by itself of one of the row's phones, or of the trunk (from `number`).

    It is placed `once` a phone's call is that far, or the row itself is (`{row: applied}`);
    `expect` is what it gives.
    """

    origin: str
    dials: str
    once: Mapping[str, str]
    after: float = 0
    number: str = "61400000002"
    sound: int = 0
    does: Sequence[str | Mapping[str, Any]] = ()
    expect: Expected = ()


class Later(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the step `{apply: later}` puts in place of the row's flow; only these users stay."""

    flow: Sequence[Mapping[str, Any]]
    users: Sequence[str]


class Row(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One scenario: a flow, phones, a caller, and the webhooks that must come, in order.

    `settings` are more fields of users.
    """

    row: str
    index: int = 0
    """Its place in the table, from 1."""
    title: str
    flow: Sequence[Mapping[str, Any]] = ()
    pickup_group: str = ""
    """`own`: the row's users pick up each other's calls and nobody else's."""
    names: Mapping[str, str] = {}
    phones: Mapping[str, Mapping[str, Any]] = {}
    outside: Mapping[str, Any] = {}
    """What the trunk does with calls to the row's number outside, which begins with `begins`, or is
    an `emergency` number; it is offered them once, or `offered` times."""
    trunks: Mapping[str, Mapping[str, Any]] = {}
    """The row's own trunks, all to another provider's gateway."""
    route: Mapping[str, Any] = {}
    """The row's own route for its number outside, or for what fits `pattern`."""
    caller: Caller = Caller()
    blocks: Sequence[str] = ()
    """Patterns of callers that are no other row's."""
    answers: Mapping[str, Reply] = {}
    """What the receivers of Webhook objects answer, by object."""
    calls: int = 1
    aside: Sequence[Aside] = ()
    settings: Mapping[str, Mapping[str, Any]] = {}
    apart: bool = False
    """It has an installation of its own, whose processes may be killed."""
    later: Later | None = None
    expect: Expected = ()

    @property
    def users(self) -> Sequence[str]:
        """The row's users by their letters."""
        return sorted({*(phone[0] for phone in self.phones), *self.settings})

    @property
    def flows(self) -> Sequence[Mapping[str, Any]]:
        """The objects that it has at any time."""
        later = self.later.flow if self.later else ()
        return [*self.flow, *(node for node in later if node not in self.flow)]

    def after(self) -> "Row":
        """The row as it is once what comes later is applied."""
        assert self.later is not None
        phones = {name: does for name, does in self.phones.items() if name[0] in self.later.users}
        return replace(self, flow=self.later.flow, phones=phones)

    def devices(self, user: str) -> Sequence[str]:
        return [phone for phone in self.phones if phone[0] == user]


def load_rows() -> Sequence[Row]:
    raw = YAML(typ="safe", pure=True).load(TABLE)
    rows = msgspec.convert(raw, type=list[Row])
    if twice := [name for name, times in Counter(row.row for row in rows).items() if times > 1]:
        raise ValueError(f"there are two rows of the same name: {twice}")
    return [replace(row, index=n, flow=_chained(row.flow)) for n, row in enumerate(rows, 1)]


def _chained(flow: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """An object that is there `times` over is a chain of them; its id is that of the first."""
    nodes = []
    for node in flow:
        alike = {k: v for k, v in node.items() if k != "times"}
        ids = [node["id"], *(f"{node['id']}_{n}" for n in range(2, node.get("times", 1) + 1))]
        following = [{"next": other} for other in ids[1:]]
        for own, outputs in zip(ids, (*following, node.get("outputs", {})), strict=True):
            nodes.append({**alike, "id": own, "outputs": outputs})
    return nodes


def raw_bytes(text: str) -> bytes:
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), text.encode())
