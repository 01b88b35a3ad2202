"""Days as people type them in three languages: 2026-11-25, 25 November, 11 月 25 日, tomorrow, 後天."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import date, timedelta

from babel.dates import get_month_names

from support.words.han import simplified
from support.words.numerals import arabic

YEARS = range(1900, 2101)
NEAREST = (0, -1, 1)
"""A day without a year is the one closest to today; a tie goes to this year."""

RELATIVE = {
    "day before yesterday": -2,
    "day after tomorrow": 2,
    "yesterday": -1,
    "tomorrow": 1,
    "today": 0,
    "大前天": -3,
    "大后天": 3,
    "前天": -2,
    "后天": 2,
    "昨天": -1,
    "昨日": -1,
    "明天": 1,
    "明日": 1,
    "今天": 0,
    "今日": 0,
}
"""Days from today; the longer words come first."""

_MONTHS = {
    name.casefold(): number
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale="en").items()
} | {"sept": 9}
_MONTH = rf"(?P<name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_DAY = r"(?P<day>\d{1,2})(?!\d)(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?P<year>\d{4})(?!\d))?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        r"(?<!\d)(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})(?!\d)",
        rf"(?<!\d){_DAY}(?:\s+of)?\s+{_MONTH}{_YEAR}",
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}{_YEAR}",
        r"(?<![\d.-])(?P<a>\d{1,2})(?P<gap>[-/.])(?P<b>\d{1,2})(?:(?P=gap)(?P<year>\d{4}|\d{2}))?(?![\d/.-]*\d)",
    )
)


def the_day(text: str, language: str, today: date) -> date | None:
    """The one day that a text names; None for none, for one that does not exist, and for 3/4/2026 in English, which
    is two days.
    """
    words = arabic(simplified(text)).casefold()
    for form in _FORMS:
        if found := list(form.finditer(words)):
            return _day(found[0], language, today) if len(found) == 1 else None
    return _relative(words, today)


def _relative(words: str, today: date) -> date | None:
    word = next((word for word in RELATIVE if word in words), None)
    return today + timedelta(days=RELATIVE[word]) if word else None


def _day(found: re.Match[str], language: str, today: date) -> date | None:
    parts = found.groupdict()
    if "a" in parts:
        months_and_days = list(_orders(int(parts["a"]), int(parts["b"]), language))
    else:
        month = _MONTHS[parts["name"]] if "name" in parts else int(parts["month"])
        months_and_days = [(month, int(parts["day"]))]
    days = {_in_year(parts.get("year"), month, day, today) for month, day in months_and_days} - {None}
    return days.pop() if len(days) == 1 else None


def _orders(first: int, second: int, language: str) -> Iterator[tuple[int, int]]:
    """(month, day) as it may be meant: Chinese puts the month first, English is written either way."""
    yield first, second
    if language == "en":
        yield second, first


def _in_year(year: str | None, month: int, day: int, today: date) -> date | None:
    if year:
        return _date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    near = [found for step in NEAREST if (found := _date(today.year + step, month, day))]
    return min(near, key=lambda found: abs((found - today).days), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    if year not in YEARS or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        return None
    return date(year, month, day)


def _length(year: int, month: int) -> int:
    return 29 if month == 2 and isleap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
