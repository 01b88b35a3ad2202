"""Reports for other programs: figures of many customers, never of one."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from console.api.guard import TooFastError, needs
from console.limits import Rate
from console.web import Here
from support.api_keys import Caller
from support.customers.contact_report import (
    LEAST_WITHIN,
    MOST_WITHIN,
    USUAL_WITHIN,
    After,
    Answered,
    Comparison,
    ContactReport,
    KindReport,
    PeriodError,
    Rated,
    Wanted,
    contact_report,
)

router = APIRouter(tags=["reports"])

RATE = Rate(burst=3, per_second=0.1)
"""A report reads the whole ledger."""

Day = Annotated[date | None, Query(description="in the shop's time zone, itself included")]


class Shares(BaseModel):
    """Customers with such a contact who did it later, and those without. Shares, and their difference with its
    interval of 95 %, are null where customers are too few. It was observed; what caused it is not said."""

    having: int
    lacking: int
    having_share: float | None
    lacking_share: float | None
    difference: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, compared: Comparison) -> Self:
        apart = compared.difference
        return cls(
            having=compared.having,
            lacking=compared.lacking,
            having_share=compared.having_share,
            lacking_share=compared.lacking_share,
            difference=apart.value if apart else None,
            low=apart.low if apart else None,
            high=apart.high if apart else None,
        )


class WhatFollowed(BaseModel):
    """Of customers with such a contact on their first day of contact in the period, and of those with others only."""

    having: int
    lacking: int
    too_few: bool
    order: Shares
    silence: Shares
    complaint: Shares

    @classmethod
    def of(cls, after: After) -> Self:
        return cls(
            having=after.having,
            lacking=after.lacking,
            too_few=after.is_too_few,
            order=Shares.of(after.order),
            silence=Shares.of(after.silence),
            complaint=Shares.of(after.complaint),
        )


class AnswerTime(BaseModel):
    """Seconds, null where too few were answered."""

    answered: int
    median: int | None
    p90: int | None

    @classmethod
    def of(cls, speed: Answered | None) -> Self | None:
        return cls(answered=speed.answered, median=speed.median, p90=speed.p90) if speed else None


class Rating(BaseModel):
    """Tickets with stars that such contacts belong to; the mean of 1 to 5 is null where they are too few."""

    tickets: int
    mean: float | None

    @classmethod
    def of(cls, rated: Rated) -> Self:
        return cls(tickets=rated.tickets, mean=rated.mean)


class ContactKind(BaseModel):
    """One kind of contact. Orders, ratings and what we said ourselves have no answer times."""

    kind: str
    channel: str
    direction: str
    author: str
    contacts: int
    customers: int
    answered: AnswerTime | None
    answered_by_agent: AnswerTime | None
    rating: Rating
    followed: WhatFollowed

    @classmethod
    def of(cls, report: KindReport) -> Self:
        return cls(
            **report.kind._asdict(),
            contacts=report.contacts,
            customers=report.customers,
            answered=AnswerTime.of(report.answered),
            answered_by_agent=AnswerTime.of(report.answered_by_agent),
            rating=Rating.of(report.rated),
            followed=WhatFollowed.of(report.after),
        )


class Contacts(BaseModel):
    """The most frequent kinds first; `left_out` more were too rare to be shown."""

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    within: int
    kinds: list[ContactKind]
    left_out: int

    @classmethod
    def of(cls, report: ContactReport) -> Self:
        return cls(
            since=report.since,
            until=report.until,
            within=report.within,
            kinds=[ContactKind.of(each) for each in report.kinds],
            left_out=report.left_out,
        )


class Period(BaseModel):
    """What the address says: 90 days up to today, unless it says otherwise."""

    since: Annotated[Day, Query(alias="from")] = None
    until: Annotated[Day, Query(alias="to")] = None
    within: Annotated[int, Query(ge=LEAST_WITHIN, le=MOST_WITHIN, description="days that followed")] = USUAL_WITHIN


@router.get("/reports/contacts")
async def report_contacts(
    web: Here, asked: Annotated[Period, Query()], caller: Annotated[Caller, Depends(needs("reports:read"))]
) -> Contacts:
    """Which kinds of contact matter: how often, how fast answered, how rated, and what followed."""
    if not web.limiter.allows(f"api report {caller.key_id}", RATE):
        raise TooFastError
    wanted = Wanted(asked.since, asked.until, asked.within)
    try:
        return Contacts.of(await contact_report(web.desk, wanted, web.desk.store.clock()))
    except PeriodError as error:
        raise HTTPException(422, str(error)) from error
