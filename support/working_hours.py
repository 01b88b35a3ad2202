"""When colleagues are at work: is it open, when does it open, and what is due after so much working time.

The hours are those of `WORKING_HOURS`, in the shop's own time zone. Everything is counted in elapsed time, so a day on
which the clocks change is as long as it really is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opening_hours import OpeningHours, State, validate

EXAMPLE = "Mon-Fri 09:00-12:30,13:30-18:00; Sat 10:00-14:00"
ALWAYS = "24/7"
LONGEST_BREAK = timedelta(days=4 * 366)  # whatever opens at all opens within one round of leap years

Span = tuple[datetime, datetime]

_DAY = re.compile(r"\b(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b", re.IGNORECASE)
_TYPOGRAPHY = str.maketrans({"–": "-", "—": "-", "：": ":", "，": ",", "；": ";", "\N{NO-BREAK SPACE}": " "})


class WorkingHoursError(ValueError):
    """The hours cannot be read."""

    def __init__(self, faulty: str) -> None:
        self.faulty = faulty
        super().__init__(f"working hours {faulty!r} cannot be read; write them like {EXAMPLE!r}")


class UnknownTimeZoneError(ValueError):
    """The time zone has no entry in the IANA database."""

    def __init__(self, timezone: str) -> None:
        self.timezone = timezone
        super().__init__(f"time zone {timezone!r} is unknown; write it like 'Europe/Berlin' or 'Asia/Taipei'")


class NeverOpenError(ValueError):
    """The hours hold no opening within four years, so nothing that waits for one can be promised."""

    def __init__(self, hours: str, since: datetime) -> None:
        self.hours = hours
        super().__init__(f"working hours {hours!r} hold no opening in the four years after {since.isoformat()}")


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The hours as written and the shop's time zone. Every moment passed in must be aware."""

    text: str
    zone: ZoneInfo
    _hours: OpeningHours = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str | None, timezone: str) -> "WorkingHours":
        """Read hours like `EXAMPLE`; days may also be written in full or with two letters. None or blank: always open.

        Raises WorkingHoursError naming the rule that cannot be read, UnknownTimeZoneError for the time zone.
        """
        written = (text or "").strip() or ALWAYS
        zone = _zone(timezone)
        return cls(written, zone, OpeningHours(_as_osm(written), timezone=zone))

    def is_open(self, at: datetime) -> bool:
        now = _utc(at)
        return any(start == now for start, _ in self._spans_between(now, now + timedelta(minutes=1)))

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening in the shop's time zone. Raises NeverOpenError."""
        start, _ = next(self._spans_from(at))
        return at if start == _utc(at) else start.astimezone(self.zone)

    def add(self, at: datetime, working: timedelta) -> datetime:
        """The moment at which `working` hours have passed since `at`, in the shop's time zone: a deadline.

        No working time at all ends at the next opening. Raises NeverOpenError; ValueError if `working` is negative.
        """
        if working < timedelta(0):
            raise ValueError(f"working time must not be negative: {working}")
        for start, end in self._spans_from(at):
            if working <= end - start:
                return (start + working).astimezone(self.zone)
            working -= end - start
        raise NeverOpenError(self.text, at)

    def minutes_between(self, earlier: datetime, later: datetime) -> float:
        """Working minutes from one moment to the other; 0 if `later` is not later."""
        spans = self._spans_between(earlier, later)
        return sum((end - start for start, end in spans), timedelta(0)) / timedelta(minutes=1)

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        """Open stretches from `at` on, without end. Raises NeverOpenError once none comes within LONGEST_BREAK."""
        since = _utc(at)
        while True:
            until = since + LONGEST_BREAK
            spans = self._spans_between(since, until)
            first = next(spans, None)
            if first is None:
                raise NeverOpenError(self.text, since)
            yield first
            yield from spans
            since = until

    def _spans_between(self, earlier: datetime, later: datetime) -> Iterator[Span]:
        """Open stretches within the two moments, in UTC, because only there does subtraction yield elapsed time."""
        since, until = _utc(earlier), _utc(later)
        for start, end, state, _ in self._hours.intervals(self._noon(since, -1), self._noon(until, 1)):
            first, last = max(start.astimezone(UTC), since), min(end.astimezone(UTC), until)
            if state == State.OPEN and first < last:
                yield first, last

    def _noon(self, moment: datetime, days: int) -> datetime:
        # Wall time is ambiguous in the hour a clock is set back; a noon beside it never is.
        local = moment.astimezone(self.zone) + timedelta(days=days)
        return local.replace(hour=12, minute=0, second=0, microsecond=0, fold=0)


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZoneError(timezone) from error


def _as_osm(text: str) -> str:
    """OpenStreetMap's notation: the same but for its two-letter days."""
    rules = [rule.strip() for rule in text.translate(_TYPOGRAPHY).split(";") if rule.strip()]
    translated = [_DAY.sub(lambda day: day[0][:2].capitalize(), rule) for rule in rules]
    for rule, osm in zip(rules, translated, strict=True):
        if not validate(osm):
            raise WorkingHoursError(rule)
    return "; ".join(translated)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {moment.isoformat()}")
    return moment.astimezone(UTC)
