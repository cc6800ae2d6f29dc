"""The Time condition on real calls, at any time: the engine's own clock is set aside by HS_NOW."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support import objects
from support.objects import Flow
from support.serving import Serving, serving

from hookswitch.asterisk import control, process
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.supervise import State
from hookswitch.flow.zones import ZONES

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
BUSY, CONGESTION = 486, 503
OFFICE = {
    "time_zone": BERLIN,
    "groups": [
        {"hours": ["09:00-12:30", "13:30-17:00"], "weekdays": ["mon-thu"]},
        {"hours": ["09:00-15:00"], "weekdays": ["fri"], "months": ["jan-nov"], "years": ["2026"]},
        {"month_days": ["29-31"], "months": ["feb"], "years": ["2026-2028"]},
    ],
    "holidays": ["2026-05-01", "12-24/01-01", "2026-08-03/2026-08-14"],
}
WEEKEND = {"time_zone": TOKYO, "groups": [{"weekdays": ["sat-mon"], "hours": ["00:00-24:00"]}]}
MOMENTS: list[tuple[str, bool, bool]] = [
    # in Berlin; whether OFFICE matches; whether WEEKEND does
    ("2026-06-15T08:59:59", False, True),  # a Monday
    ("2026-06-15T09:00:00", True, True),
    ("2026-06-15T12:29:59", True, True),
    ("2026-06-15T12:30:00", False, True),
    ("2026-06-15T16:59:59", True, True),
    ("2026-06-15T17:00:00", False, False),  # Tuesday in Tokyo
    ("2026-06-14T10:00:00", False, True),
    ("2026-06-19T14:59:00", True, False),
    ("2026-06-19T15:00:00", False, False),
    ("2027-06-18T14:00:00", False, False),  # a Friday of another year
    ("2026-12-04T14:00:00", False, False),
    ("2026-05-01T10:00:00", False, False),  # a holiday, and a Friday
    ("2026-12-31T10:00:00", False, False),
    ("2027-01-01T10:00:00", False, False),
    ("2026-08-12T10:00:00", False, False),
    ("2026-08-17T10:00:00", True, True),
    ("2028-02-29T03:00:00", True, False),
    ("2026-03-29T03:00:00", False, True),  # the clock has just gone forward
    ("2026-10-26T09:00:00", True, True),  # and back, the day before
]


def weekday(days: int = 0) -> str:
    """Counted from today, which may be over before a test is."""
    return f"{datetime.now(ZoneInfo(TOKYO)) + timedelta(days):%a}".lower()


def flows() -> list[Flow]:
    today = {"time_zone": TOKYO, "groups": [{"weekdays": [weekday(), weekday(1)]}], "override": "1"}
    another = {"time_zone": TOKYO, "groups": [{"weekdays": [weekday(4)]}], "override": "22"}
    settings = {"61300000201": OFFICE, "61300000202": WEEKEND, "61300000203": today,
                "61300000204": another}  # fmt: skip
    return [
        Flow(number, _ending(number, setting), [], [_end(number, "busy"), _end(number, "open")])
        for number, setting in settings.items()
    ]


def _ending(number: str, settings: dict[str, Any]) -> dict[str, Any]:
    outputs = {"matches": f"busy_{number}", "doesnt_match": f"open_{number}"}
    return {"kind": "time_condition", **settings, "outputs": outputs}


def _end(number: str, name: str) -> dict[str, Any]:
    cause = "busy" if name == "busy" else "congestion"
    return {"id": f"{name}_{number}", "kind": "hang_up", "name": name, "cause": cause}


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("time")) as at:
        await at.apply(objects.document(at, flows(), {"1001": "Alice"}))
        yield at


async def matches(at: Serving, number: str) -> bool:
    call = await at.carrier.call(number)
    return {BUSY: True, CONGESTION: False}[await objects.ended(call) or 0]


async def test_all_hours_days_months_years_and_holidays(at: Serving) -> None:
    came = []
    for moment, _, _ in MOMENTS:
        now = int(datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(BERLIN)).timestamp())
        await _set_clock(at, str(now))
        numbers = ("61300000201", "61300000202")
        office, weekend = await asyncio.gather(*(matches(at, number) for number in numbers))
        came.append((moment, office, weekend))
    await _set_clock(at, "")
    assert came == MOMENTS


async def _set_clock(at: Serving, now: str) -> None:
    await at.server.supervisor.ami.action("Setvar", 5.0, Variable="HS_NOW", Value=now)


async def test_now(at: Serving) -> None:
    """Of two days, of which one is today in Tokyo, and of one that is far from today."""
    assert await matches(at, "61300000203")
    assert not await matches(at, "61300000204")


async def test_a_phone_overrides_it_and_the_state_outlives_the_engine(at: Serving) -> None:
    async def states(alice: Any) -> list[bool]:
        found = []
        for _ in range(3):
            await _dial(alice, "*281")
            found.append(await matches(at, "61300000203"))
        return found

    async with at.phone("1001") as alice:
        await alice.register()
        assert await states(alice) == [True, False, True]
        await _dial(alice, "*2822")
        assert await matches(at, "61300000204")
        await _restart(at)
        assert await matches(at, "61300000204")
        assert await matches(at, "61300000203")


async def _dial(phone: Any, code: str) -> None:
    call = await phone.call(code)
    await call.answered()
    await call.ended()
    assert call.media.received > 20, "nothing was said"


async def _restart(at: Serving) -> None:
    supervisor = at.server.supervisor
    before = supervisor.boot
    assert supervisor.process is not None
    process.kill(supervisor.process)
    async with asyncio.timeout(60):
        while supervisor.boot == before or supervisor.state is not State.READY:
            await asyncio.sleep(0.05)


async def test_the_override_is_no_number_of_the_trunk(at: Serving) -> None:
    call = await at.carrier.call("*281")
    assert await objects.ended(call) == 404


def test_the_engine_has_every_time_zone(engine: Engine) -> None:
    assert engine.data is not None
    zones = engine.data.parent / "zoneinfo"
    assert [zone for zone in ZONES if not Path(zones / zone).is_file()] == []


async def test_the_engine_counts_as_python_does(at: Serving) -> None:
    """Its own zone files are read, not the system's, which may lack them."""
    socket = at.server.supervisor.layout.control
    where = (await control.command(socket, "dialplan show globals")).partition("HS_ZONES=")[2]
    directory = where.split()[0]
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    for zone in (BERLIN, TOKYO, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati"):
        said = await control.command(
            socket,
            f"dialplan eval function STRFTIME({now.timestamp():.0f},{directory}{zone},%Y%m%d%H%M)",
        )
        assert f"{now.astimezone(ZoneInfo(zone)):%Y%m%d%H%M}" in said, zone
