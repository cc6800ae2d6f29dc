"""The Time condition's expressions, calculated here as the engine does, against Python's dates."""

import datetime as dt
import re

from hypothesis import given
from hypothesis import strategies as st

from hookswitch.flow.nodes.time_condition import periods
from hookswitch.flow.nodes.time_condition.periods import MONTHS, WEEKDAYS

MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 12, 31))  # noqa: DTZ001
MINUTES = st.integers(0, 24 * 60)


def engine_says(expression: str, moment: dt.datetime) -> bool:
    now = f"{moment:{periods.FORMAT}}"
    found = re.fullmatch(r"\$\[(.*)\]", expression)
    assert found is not None
    text = re.sub(
        r"\$\{HS_T:(\d+):(\d+)\}", lambda m: now[int(m[1]) : int(m[1]) + int(m[2])], found[1]
    )
    assert re.fullmatch(r"[0-9()<>=&| ]+", text)
    assert not re.search(r"\b0\d", text), "a number that begins with a zero"
    python = text.replace("&", "and").replace("|", "or")
    return bool(eval(python))


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@given(MOMENTS, MINUTES, MINUTES)
def test_hours(moment: dt.datetime, one: int, other: int) -> None:
    begin, end = sorted((one, other + (one == other)))
    if end > 24 * 60:
        return
    wanted = begin <= moment.hour * 60 + moment.minute < end
    assert engine_says(periods.in_hours([f"{clock(begin)}-{clock(end)}"]), moment) is wanted


@given(MOMENTS, st.integers(1, 7), st.integers(1, 7))
def test_weekdays(moment: dt.datetime, first: int, last: int) -> None:
    text = f"{WEEKDAYS[first - 1]}-{WEEKDAYS[last - 1].title()}"
    days = [(first + n - 1) % 7 + 1 for n in range((last - first) % 7 + 1)]
    assert engine_says(periods.in_weekdays([text]), moment) is (moment.isoweekday() in days)


@given(MOMENTS, st.integers(1, 12), st.integers(1, 12))
def test_months(moment: dt.datetime, first: int, last: int) -> None:
    text = f"{MONTHS[first - 1]}-{MONTHS[last - 1]}"
    months = [(first + n - 1) % 12 + 1 for n in range((last - first) % 12 + 1)]
    assert engine_says(periods.in_months([text]), moment) is (moment.month in months)


@given(MOMENTS, st.integers(1, 31), st.integers(2020, 2040))
def test_days_and_years(moment: dt.datetime, day: int, year: int) -> None:
    assert engine_says(periods.in_month_days([str(day)]), moment) is (moment.day == day)
    assert engine_says(periods.in_month_days([f"1-{day}"]), moment) is (moment.day <= day)
    assert engine_says(periods.in_years([str(year)]), moment) is (moment.year == year)
    assert engine_says(periods.in_years(["2001", f"2020-{year}"]), moment) is (moment.year <= year)


@given(MOMENTS, MOMENTS, MOMENTS)
def test_holidays(moment: dt.datetime, one: dt.datetime, other: dt.datetime) -> None:
    begin, end = sorted((one, other))
    inside = begin.date() <= moment.date() <= end.date()
    text = f"{begin:%Y-%m-%d}/{end:%Y-%m-%d}"
    assert engine_says(periods.is_holiday(text), moment) is inside
    today = (moment.month, moment.day)
    first, last = (one.month, one.day), (other.month, other.day)
    yearly = first <= today <= last if first <= last else today >= first or today <= last
    assert engine_says(periods.is_holiday(f"{one:%m-%d}/{other:%m-%d}"), moment) is yearly
