"""Hours, weekdays, days, months and years, as written and as the engine compares them.

`HS_T` holds the time as `YYYYMMDDhhmmd`, d = 1 for Monday. Each number that may begin with a zero
is compared with a 1 before it.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

from hookswitch.flow.fields import Text, wrong

FORMAT: Final = "%Y%m%d%H%M%u"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun",
    "jul", "aug", "sep", "oct", "nov", "dec")  # fmt: skip
LEAP_YEAR: Final = 2024

_HOURS: Final = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)", re.ASCII)
_DAYS: Final = re.compile(r"(\d{1,2})(?:-(\d{1,2}))?", re.ASCII)
_YEARS: Final = re.compile(r"(20\d\d)(?:-(20\d\d))?", re.ASCII)
_HOLIDAY: Final = re.compile(r"(?:(20\d\d)-)?(\d\d)-(\d\d)", re.ASCII)
_NO_HOLIDAY: Final = "write 2026-12-25, 12-25 for every year, or two with a slash between"


def hours(text: str) -> tuple[int, int]:
    """`9:00-17:30`, up to but not including the last minute; 24:00 is the day's end."""
    found = _HOURS.fullmatch(text)
    begin, end = _minutes(found, 1), _minutes(found, 3)
    if found is None or end > 2400:
        wrong("it is not a range of hours", "write it like 09:00-17:30")
    if begin >= end:
        wrong("it does not end after it begins", "split it: 22:00-24:00 and 00:00-06:00")
    return begin, end


def _minutes(found: re.Match[str] | None, group: int) -> int:
    return int(found[group]) * 100 + int(found[group + 1]) if found else 0


def names(known: tuple[str, ...], mend: str) -> Callable[[str], tuple[int, int]]:
    """`mon` or `mon-fri`, counted from 1; `sat-mon` goes over the end."""

    def read(text: str) -> tuple[int, int]:
        first, dash, last = text.lower().partition("-")
        if first not in known or (dash and last not in known):
            wrong(f"{text!r} is not one of {', '.join(known)}", mend)
        return known.index(first) + 1, known.index(last if dash else first) + 1

    return read


def month_days(text: str) -> tuple[int, int]:
    first, last = _pair(_DAYS.fullmatch(text))
    if not 1 <= first <= last <= 31:
        wrong("it is not a day of the month", "write it like 1 or 1-15, in quotes")
    return first, last


def years(text: str) -> tuple[int, int]:
    first, last = _pair(_YEARS.fullmatch(text))
    if not 0 < first <= last:
        wrong("it is not a year", "write it like 2026 or 2026-2027, in quotes")
    return first, last


def _pair(found: re.Match[str] | None) -> tuple[int, int]:
    return (int(found[1]), int(found[2] or found[1])) if found else (0, 0)


def holiday(text: str) -> tuple[int, int]:
    """One day or two with a slash, as YYYYMMDD, or as MMDD for those of every year."""
    first, slash, last = text.partition("/")
    begin = _day(first)
    end = _day(last) if slash else begin
    if (begin < 10000) != (end < 10000):
        wrong("one has a year, the other none", _NO_HOLIDAY)
    if begin > end and begin > 10000:
        wrong("it ends before it begins", _NO_HOLIDAY)
    return begin, end


def _day(text: str) -> int:
    found = _HOLIDAY.fullmatch(text.strip())
    if found is None:
        wrong("it is not a date", _NO_HOLIDAY)
    year, month, day = int(found[1] or 0), int(found[2]), int(found[3])
    try:
        dt.date(year or LEAP_YEAR, month, day)
    except ValueError:
        wrong("there is no such day", _NO_HOLIDAY)
    return year * 10000 + month * 100 + day


def _date(value: Any) -> Any:
    """YAML reads a date without quotes as a date."""
    return value.isoformat() if type(value) is dt.date else value


def _valid(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


weekdays: Final = names(WEEKDAYS, "write it like mon or mon-fri")
months: Final = names(MONTHS, "write it like jan or nov-feb")
Hours = Annotated[Text, _valid(hours)]
Weekdays = Annotated[Text, _valid(weekdays)]
MonthDays = Annotated[Text, _valid(month_days)]
Months = Annotated[Text, _valid(months)]
Years = Annotated[Text, _valid(years)]
Holiday = Annotated[Text, _valid(holiday), BeforeValidator(_date)]


def in_hours(texts: Iterable[str]) -> str:
    return _any("1${HS_T:8:4}", (_range(10000, *hours(text)) for text in texts), end="<")


def in_weekdays(texts: Iterable[str]) -> str:
    return _any("${HS_T:12:1}", map(weekdays, texts))


def in_month_days(texts: Iterable[str]) -> str:
    return _any("1${HS_T:6:2}", (_range(100, *month_days(text)) for text in texts))


def in_months(texts: Iterable[str]) -> str:
    return _any("1${HS_T:4:2}", (_range(100, *months(text)) for text in texts))


def in_years(texts: Iterable[str]) -> str:
    return _any("${HS_T:0:4}", map(years, texts))


def is_holiday(text: str) -> str:
    first, last = holiday(text)
    if first > 10000:
        return _any("${HS_T:0:8}", [(first, last)])
    return _any("1${HS_T:4:4}", [_range(10000, first, last)])


def _range(before: int, first: int, last: int) -> tuple[int, int]:
    return before + first, before + last


def _any(value: str, ranges: Iterable[tuple[int, int]], end: str = "<=") -> str:
    """An expression of the engine: the value is in one of the ranges, or beyond a turned one."""
    joined = (
        f"({value} >= {first} {'&' if first <= last else '|'} {value} {end} {last})"
        for first, last in ranges
    )
    return f"$[{' | '.join(joined)}]"


def is_hour(now: dt.datetime, text: str) -> bool:
    first, last = hours(text)
    return first <= now.hour * 100 + now.minute < last


def is_weekday(now: dt.datetime, text: str) -> bool:
    return _within(now.isoweekday(), *weekdays(text))


def is_month_day(now: dt.datetime, text: str) -> bool:
    return _within(now.day, *month_days(text))


def is_month(now: dt.datetime, text: str) -> bool:
    return _within(now.month, *months(text))


def is_year(now: dt.datetime, text: str) -> bool:
    return _within(now.year, *years(text))


def falls_on(now: dt.datetime, text: str) -> bool:
    first, last = holiday(text)
    day = now.month * 100 + now.day
    return _within(day if first < 10000 else now.year * 10000 + day, first, last)


def _within(value: int, first: int, last: int) -> bool:
    """In the range, or beyond a turned one."""
    return first <= value <= last if first <= last else value >= first or value <= last
