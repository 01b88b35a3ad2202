"""Dates as other departments write them: the year first is clear; otherwise the column as a whole must make it so."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import Literal, NamedTuple

from support.imports.fields import FieldError, shown

Order = Literal["dmy", "mdy", "ymd"]
NOON = time(12, tzinfo=UTC)
"""The hour given to a contact of which only the day is known: it is the same day nearly everywhere."""
YEARS = range(1900, 2200)
"""What a shop's date may be; beyond it somebody mistyped."""
MOST_KNOWN = 10_000
"""Dates remembered with what they mean: a shop's orders share their days."""

_TIME = r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _TIME, re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME, re.ASCII)


class Read(NamedTuple):
    """A date as it is staged, or None, and then what it would be with the day first and with the month first."""

    clear: str | None
    dmy: str | None = None
    mdy: str | None = None


@dataclass(slots=True)
class Dates:
    """Reads one column and remembers what its dates could be.

    `order` is that of day, month and year where somebody said so. With `moments`, dates are moments with a time, in
    `zone` where they name none. `known` are dates with the year first, as many as are worth remembering.
    """

    order: Order | None = None
    moments: bool = False
    zone: tzinfo = UTC
    day_first: int = 0
    month_first: int = 0
    known: dict[str, Read] = field(default_factory=dict)

    def read(self, text: str) -> Read:
        """Raises FieldError if it is no date in any way that is allowed."""
        if text in self.known:
            return self.known[text]
        clear = self._year_first(text)
        if clear:
            if len(self.known) < MOST_KNOWN:
                self.known[text] = Read(clear)
            return Read(clear)
        found = _YEAR_LAST.fullmatch(text)
        if found is None or self.order == "ymd":
            raise FieldError(f"{shown(text)} is not a date such as 2026-01-31")
        first, _, second, year, *clock = found.groups()
        read = Read(None, self._made(year, second, first, clock), self._made(year, first, second, clock))
        return self._as_ordered(text, read)

    def settled(self) -> Literal["dmy", "mdy"] | None:
        """The one order that all dates without the year first can have; None if that does not decide it."""
        if self.known or bool(self.day_first) == bool(self.month_first):
            return None
        return "dmy" if self.day_first else "mdy"

    def _year_first(self, text: str) -> str | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            found = _YEAR_FIRST.fullmatch(text)
            if found is None:
                return None
            year, month, day, *clock = found.groups()
            made = self._made(year, month, day, clock)
            if made is None:
                raise FieldError(f"{shown(text)} is no day of the calendar") from None
            return made
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.zone)
        return self._staged(moment, has_time=len(text) > len("2026-01-31"))

    def _as_ordered(self, text: str, read: Read) -> Read:
        if self.order in {"dmy", "mdy"}:
            read = Read(read.dmy if self.order == "dmy" else read.mdy)
        if not any(read):
            way = f", read as {self.order}" if self.order else ""
            raise FieldError(f"{shown(text)} is no day of the calendar{way}")
        self.day_first += read.mdy is None
        self.month_first += read.dmy is None
        return read

    def _made(self, year: str, month: str, day: str, clock: list[str | None]) -> str | None:
        """None if there is no such day or time."""
        try:
            hour, minute, second = (int(part or 0) for part in clock)
            moment = datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=self.zone)
        except ValueError:
            return None
        return self._staged(moment, has_time=clock[0] is not None)

    def _staged(self, moment: datetime, *, has_time: bool) -> str:
        if moment.year not in YEARS:
            raise FieldError(f"the year {moment.year} is not likely")
        if not self.moments:
            return moment.date().isoformat()
        return staged_moment(moment if has_time else datetime.combine(moment.date(), NOON))


def staged_moment(moment: datetime) -> str:
    """A moment as it is staged: in UTC, with six digits of a second."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def from_staged(text: str) -> datetime:
    """The moment again."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
