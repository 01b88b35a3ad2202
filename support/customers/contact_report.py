"""Which contacts matter: each kind of them with its frequency, speed, rating, and what followed.

What followed is observed, not caused: whoever complains differs from others in more than the complaint.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from analytics.difference import Difference, difference
from crm_store.queries import contact_report as counted
from crm_store.queries.contact_report import Followed, Frequency, Kind, Outcomes, Speed, Stars
from crm_store.queries.contact_timeline import ORDER, RATING, Period
from support.desk import Desk

USUAL_DAYS = 90
USUAL_WITHIN = 30
LEAST_WITHIN, MOST_WITHIN = 1, 365
LONGEST_DAYS = 3_660
FIRST_DAY = date(1970, 1, 1)
MOST_KINDS = 50

LEAST_CUSTOMERS = 20
"""On either side, for a share: by one customer it then moves by five points at the most. Set by judgement."""
LEAST_RATINGS = 5
LEAST_ANSWERS = 10
"""The 90th percentile of fewer is the longest wait itself."""

NOBODY = Followed(Outcomes(0, 0, 0, 0), Outcomes(0, 0, 0, 0))
OUTCOMES = ("order", "silence", "complaint")


class PeriodError(ValueError):
    """No report can be made of such days."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days of the shop, both included: without `until` up to today, without `since` so many that they are 90.

    What followed is looked at for `within` days.
    """

    since: date | None = None
    until: date | None = None
    within: int = USUAL_WITHIN


@dataclass(frozen=True, slots=True)
class Answered:
    """Of `contacts`, how many were answered within the report's days; seconds, None where too few were."""

    contacts: int
    answered: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Rated:
    """`mean` is of 1 to 5 stars, None where too few tickets were rated."""

    tickets: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many customers did something after such a contact, and how many after others; None: too few for a share."""

    having: int
    lacking: int
    having_share: float | None = None
    lacking_share: float | None = None
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class After:
    """What followed, of so many customers with such a contact on their first day and so many with others only."""

    having: int
    lacking: int
    order: Comparison
    silence: Comparison
    complaint: Comparison

    @property
    def is_too_few(self) -> bool:
        return min(self.having, self.lacking) < LEAST_CUSTOMERS


@dataclass(frozen=True, slots=True)
class KindReport:
    """One kind of contact; nobody answers an order, a rating, or what we said ourselves."""

    kind: Kind
    contacts: int
    customers: int
    answered: Answered | None
    answered_by_agent: Answered | None
    rated: Rated
    after: After


@dataclass(frozen=True, slots=True)
class ContactReport:
    """The most frequent kinds first; `left_out` more were too rare to be shown."""

    since: date
    until: date
    within: int
    kinds: tuple[KindReport, ...]
    left_out: int


async def contact_report(desk: Desk, wanted: Wanted, now: datetime) -> ContactReport:
    """Contacts of the period by kind, channel, direction and author. Raises PeriodError."""
    period = period_of(wanted, desk.timezone, now)
    async with desk.store.read() as session:
        frequencies, kinds = await counted.frequencies(session, period, MOST_KINDS)
        shown = [each.kind for each in frequencies]
        after = await counted.followed(session, period, shown, now.astimezone(desk.timezone).date())
        stars = await counted.ratings(session, period, shown)
    reports = tuple(_report(each, after.get(each.kind, NOBODY), stars.get(each.kind)) for each in frequencies)
    return ContactReport(period.first, period.last, wanted.within, reports, kinds - len(reports))


def period_of(wanted: Wanted, zone: ZoneInfo, now: datetime) -> Period:
    """The wanted days as moments. Raises PeriodError."""
    today = now.astimezone(zone).date()
    last = wanted.until or today
    first = wanted.since or max(last - timedelta(days=USUAL_DAYS - 1), FIRST_DAY)
    _check(first, last, today, wanted.within)
    since, end = _midnight(first, zone), _midnight(last + timedelta(days=wanted.within + 1), zone)
    return Period(first, last, wanted.within, since, end, _shifts(since, end, zone))


def _check(first: date, last: date, today: date, within: int) -> None:
    if last > today:
        raise PeriodError(f"the period ends on {last}, which is yet to come; today is {today}")
    if first > last:
        raise PeriodError(f"the period begins on {first}, after its end on {last}")
    if first < FIRST_DAY or (last - first).days >= LONGEST_DAYS:
        raise PeriodError(f"a period begins in 1970 at the earliest and has at most {LONGEST_DAYS:,} days")
    if not LEAST_WITHIN <= within <= MOST_WITHIN:
        raise PeriodError(f"what followed can be looked at for {LEAST_WITHIN} to {MOST_WITHIN} days, not for {within}")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _shifts(since: datetime, end: datetime, zone: ZoneInfo) -> Sequence[tuple[datetime, int]]:
    """When clocks change, and how many seconds they are ahead of UTC from then on; the first is `since`."""
    days = [since + timedelta(days=n) for n in range((end - since).days + 2)]
    changes = (_change(one, other, zone) for one, other in pairwise(days) if _ahead(one, zone) != _ahead(other, zone))
    return [(moment, _ahead(moment, zone)) for moment in (since, *changes)]


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new time, by halving."""
    former, seconds = _ahead(before, zone), range(int((after - before).total_seconds()) + 1)
    passed = bisect(seconds, False, key=lambda n: _ahead(before + timedelta(seconds=n), zone) != former)
    return before + timedelta(seconds=passed)


def _ahead(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _report(frequency: Frequency, followed: Followed, stars: Stars | None) -> KindReport:
    is_heard = frequency.kind.direction == "in" and frequency.kind.kind not in (ORDER, RATING)
    return KindReport(
        kind=frequency.kind,
        contacts=frequency.contacts,
        customers=frequency.customers,
        answered=_answered(frequency.contacts, frequency.by_anybody) if is_heard else None,
        answered_by_agent=_answered(frequency.contacts, frequency.by_agent) if is_heard else None,
        rated=_rated(stars),
        after=_after(followed),
    )


def _answered(contacts: int, speed: Speed) -> Answered:
    enough = speed.answered >= LEAST_ANSWERS
    return Answered(contacts, speed.answered, speed.median if enough else None, speed.p90 if enough else None)


def _rated(stars: Stars | None) -> Rated:
    if stars is None:
        return Rated(0, None)
    return Rated(stars.tickets, stars.mean if stars.tickets >= LEAST_RATINGS else None)


def _after(followed: Followed) -> After:
    having, lacking = followed
    compared = {name: _compared(having, lacking, name) for name in OUTCOMES}
    return After(having.customers, lacking.customers, **compared)


def _compared(having: Outcomes, lacking: Outcomes, name: str) -> Comparison:
    some, others = getattr(having, name), getattr(lacking, name)
    if min(having.customers, lacking.customers) < LEAST_CUSTOMERS:
        return Comparison(some, others)
    apart = difference(some, having.customers, others, lacking.customers)
    return Comparison(some, others, some / having.customers, others / lacking.customers, apart)
