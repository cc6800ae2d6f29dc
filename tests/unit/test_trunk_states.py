"""What is told of a trunk, and since when."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from hookswitch.app.line import trunks
from hookswitch.app.line.trunks import TrunkWatch, registration


@pytest.mark.parametrize(
    ("status", "registered", "said"),
    [
        ("Registered", True, None),
        ("Rejected", False, "refuses"),
        ("Stopped", False, "refuses"),
        ("Unregistered", False, "not registered yet"),
        (None, False, "not registered yet"),
    ],
)
def test_a_registration_in_words(status: str | None, registered: bool, said: str | None) -> None:
    found = registration(status)
    assert found["registered"] is registered
    assert (said or "") in found.get("reason", "")


async def test_since_is_when_it_became_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, Any] = {"name": "carrier", "state": "there", "reason": ""}

    async def ask() -> Sequence[Mapping[str, Any]]:
        return [dict(told)]

    watch = TrunkWatch(ask)
    times = iter([1_000, 2_000, 3_000, 4_000])
    monkeypatch.setattr(trunks, "now_ms", lambda: next(times))
    seen = [(await watch.states())[0]["since"] for _ in range(2)]
    told["state"] = "away"
    seen += [(await watch.states())[0]["since"] for _ in range(2)]
    assert seen[0] == seen[1]
    assert seen[1] < seen[2]
    assert seen[2] == seen[3]
