"""By when something is promised: by Friday, within two days, before 25 November, 周五前, 三天内, 下週三以前."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from unicodedata import normalize

from support.words.day_words import the_day
from support.words.han import simplified
from support.words.numerals import arabic

END_OF_DAY = time(23, 59)
LAST_WORKDAY = 4
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBERS = {word: n for n, word in enumerate("one two three four five six seven eight nine ten".split(), 1)} | {"a": 1}
_HAN_GAP = re.compile(r"(?<=[^ -~]) | (?=[^ -~])")
_BEFORE = re.compile(r"\bbefore\b")
_WEEKDAY_EN = re.compile(rf"\b(?P<next>next )?(?P<day>{'|'.join(_WEEKDAYS)})\b")
_WEEKDAY_ZH = re.compile(r"(?P<next>下)?(?:个)?(?:周|星期|礼拜)(?P<day>[1-6日天])")
_WITHIN_EN = re.compile(
    rf"\b(?:within|in) (?:the next )?(?P<n>\d{{1,2}}|{'|'.join(_NUMBERS)}) (?P<work>working |business )?"
    r"(?P<unit>hour|day|week)s?\b"
)
_WITHIN_ZH = re.compile(r"(?P<n>\d{1,2})个?(?P<unit>小时|工作日|天|日|周|星期)(?:之内|以内|内)")
_UNITS = {"hour": "hours", "小时": "hours", "week": "weeks", "周": "weeks", "星期": "weeks"}


def due(text: str, language: str, now: datetime) -> datetime | None:
    """The moment until which the words `text` promise something; None for none, a past or an unclear one.

    `now` is aware and in the zone whose days are meant. A day lasts until 23:59; "before Friday" ends the day before,
    周五前 on it. "Next Friday" is two days to different people, so it is none.
    """
    words = _HAN_GAP.sub("", arabic(simplified(normalize("NFKC", text))).casefold())
    if moment := _within(words, now):
        return moment
    day = _weekday(words, now.date()) or the_day(text, language, now.date())
    if day and _BEFORE.search(words):
        day -= timedelta(days=1)
    return end_of(day, now) if day else None


def end_of(day: date, now: datetime) -> datetime | None:
    """The last minute of a day in the zone of `now`; None for a day that is over."""
    return datetime.combine(day, END_OF_DAY, now.tzinfo) if day >= now.date() else None


def _within(words: str, now: datetime) -> datetime | None:
    found = _WITHIN_EN.search(words) or _WITHIN_ZH.search(words)
    if found is None:
        return None
    count = _NUMBERS.get(found["n"]) or int(found["n"])
    unit = _UNITS.get(found["unit"], "days")
    if unit == "hours":
        return now + timedelta(hours=count)
    is_working = found["unit"] == "工作日" or found.groupdict().get("work")
    day = _working_days(now.date(), count) if is_working else now.date() + timedelta(**{unit: count})
    return end_of(day, now)


def _working_days(day: date, count: int) -> date:
    """So many Mondays to Fridays later."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() <= LAST_WORKDAY
    return day


def _weekday(words: str, today: date) -> date | None:
    """The one weekday that is named: today or the next of its name; 下周五 is that of next week."""
    english, chinese = list(_WEEKDAY_EN.finditer(words)), list(_WEEKDAY_ZH.finditer(words))
    if len(english) + len(chinese) != 1:
        return None
    if chinese:
        day = "123456".find(chinese[0]["day"]) if chinese[0]["day"].isdigit() else 6
        if chinese[0]["next"]:
            return today + timedelta(days=7 - today.weekday() + day)
    else:
        day = _WEEKDAYS.index(english[0]["day"])
        if english[0]["next"]:
            return None
    return today + timedelta(days=(day - today.weekday()) % 7)
