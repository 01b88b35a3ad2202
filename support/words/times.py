"""Times, dates and money as a person writes them in each language of our texts.

Times come in aware of their zone. A language without texts raises UnknownLanguageError.
"""

from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency

from support.words.texts import Texts, UnknownLanguageError

MORNING_HOURS = range(5, 12)
"""明早 9:00 is said of the morning only, neither of the night before it nor of the afternoon."""

_DAY = {"en": "d MMMM", "zh": "M 月 d 日"}
_DAY_AND_YEAR = {"en": "d MMMM y", "zh": "y 年 M 月 d 日"}
_WEEKDAY = {"en": "EEEE", "zh": "EEE"}


def moment(at: datetime, now: datetime, language: str, timezone: tzinfo) -> str:
    """A coming time, as short as it stays clear: "today at 15:00", 明早 9:00, 週四 12:00, "3 November, 12:00"."""
    local = at.astimezone(timezone)
    key = _moment_key(local, now.astimezone(timezone))
    return Texts.load().say(
        language,
        key,
        time=format_time(local, "H:mm", locale=_locale(language)),
        weekday=format_date(local, _pattern(_WEEKDAY, language), locale=_locale(language)),
        date=day(at, language, timezone, now),
    )


def _moment_key(at: datetime, now: datetime) -> str:
    days_ahead = (at.date() - now.date()).days
    if days_ahead == 0:
        return "time.today"
    if days_ahead == 1:
        return "time.tomorrow_morning" if at.hour in MORNING_HOURS else "time.tomorrow"
    return "time.weekday" if 2 <= days_ahead <= 6 else "time.date"


def day(at: datetime, language: str, timezone: tzinfo, now: datetime | None = None) -> str:
    """A date: "3 November", 11 月 3 日; with its year if `now` is given and lies in another."""
    local = at.astimezone(timezone)
    other_year = now is not None and now.astimezone(timezone).year != local.year
    pattern = _pattern(_DAY_AND_YEAR if other_year else _DAY, language)
    return format_date(local, pattern, locale=_locale(language))


def money(amount: Decimal, currency: str, language: str) -> str:
    """`amount` in whole units of `currency` (ISO 4217): €14.00."""
    return format_currency(amount, currency, locale=_locale(language))


def _pattern(patterns: dict[str, str], language: str) -> str:
    return patterns[_locale(language).language]


@cache
def _locale(language: str) -> Locale:
    if language not in Texts.load().languages:
        raise UnknownLanguageError(language)
    return Locale.parse(language, sep="-")
