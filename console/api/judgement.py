"""Reports on how customers are judged, for other programs: who moved, who could climb, whom we may lose."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from analytics.evaluation import Trust
from analytics.segments.migration import Move
from analytics.segments.movers import Distinction
from console.api.guard import TooFastError, needs
from console.api.reports import RATE, Day
from console.web import Here, Web
from crm_store.queries.climbing import Leaving
from support.api_keys import Caller
from support.judging.climbing import (
    FURTHEST,
    MOST_LISTED,
    Climb,
    Page,
    Upgrade,
    Upgrades,
    WinBack,
    upgrades,
    win_back,
)
from support.judging.migrating import MigrationError, MigrationReport, Wanted, migrated
from support.judging.trusting import Grades

router = APIRouter(tags=["reports"])

By = Literal["tier", "stage", "segment"]


class Moved(BaseModel):
    """`customers` went from `source` to `target`: `share` of those who were in `source`. Null: in no group yet."""

    source: str | None
    target: str | None
    customers: int
    share: float

    @classmethod
    def of(cls, move: Move[str]) -> Self:
        return cls(source=move.source, target=move.target, customers=move.customers, share=move.share)


class Difference(BaseModel):
    """What those who moved did more, or less, in the days between: means per customer, and their difference in
    standard deviations with its interval of 95 %. Only clear differences are told."""

    feature: str
    movers: int
    stayers: int
    movers_mean: float
    stayers_mean: float
    difference: float
    low: float
    high: float

    @classmethod
    def of(cls, found: Distinction) -> Self:
        return cls(
            feature=found.feature,
            movers=found.movers,
            stayers=found.stayers,
            movers_mean=found.movers_mean,
            stayers_mean=found.stayers_mean,
            difference=found.value,
            low=found.low,
            high=found.high,
        )


class Migrated(BaseModel):
    """Standings at the end of two days. Of nobody is known where they stood before `recorded_since`."""

    since: date = Field(serialization_alias="from")
    until: date = Field(serialization_alias="to")
    by: By
    moves: list[Moved]
    up: int
    down: int
    stayed: int
    those_up: list[Difference]
    those_down: list[Difference]
    recorded_since: date | None

    @classmethod
    def of(cls, report: MigrationReport) -> Self:
        found = report.migration
        return cls.model_validate(
            {
                "since": report.since,
                "until": report.until,
                "by": report.by,
                "moves": [Moved.of(move) for move in found.moves],
                "up": found.up,
                "down": found.down,
                "stayed": found.stayed,
                "those_up": [Difference.of(each) for each in report.up],
                "those_down": [Difference.of(each) for each in report.down],
                "recorded_since": report.recorded_since,
            }
        )


class Candidate(BaseModel):
    """A customer close below the tier `target`: `missing` money to its least value, `gain` to its median one, and the
    expected part of that by the share that climbed lately, null where that is not known."""

    customer_id: str | None
    id: int
    name: str | None
    tier: str
    target: str
    value: float
    missing: float
    reached: float
    gain: float
    expected_gain: float | None

    @classmethod
    def of(cls, found: Upgrade) -> Self:
        one = found.candidate
        return cls(
            customer_id=found.number,
            id=one.customer_id,
            name=found.name,
            tier=one.step.tier,
            target=one.step.target,
            value=one.value,
            missing=one.missing,
            reached=one.reached,
            gain=one.gain,
            expected_gain=one.expected_gain,
        )


class StepUp(BaseModel):
    """From `tier` to `target`: in 90 days `climbed` of `customers` rose, and `lessons` is what they did differently."""

    tier: str
    target: str
    least_value: float
    usual_value: float
    climbed: int
    customers: int
    lessons: list[Difference]

    @classmethod
    def of(cls, climb: Climb) -> Self:
        step = climb.step
        return cls(
            tier=step.tier,
            target=step.target,
            least_value=step.bar,
            usual_value=step.usual,
            climbed=step.climbed,
            customers=step.customers,
            lessons=[Difference.of(each) for each in climb.lessons],
        )


class Trusted(BaseModel):
    """How far figures can be trusted, by the last `evaluate`: the value, the risk as a percentage, who is said to have
    left, and who is said to be at risk."""

    model_config = ConfigDict(from_attributes=True)

    value: Trust
    risk: Trust
    left: Trust
    at_risk: Trust

    @classmethod
    def of(cls, found: Grades | None) -> Self | None:
        """Null before the first `evaluate`."""
        return cls.model_validate(found) if found else None


class UpgradeList(BaseModel):
    """The largest gain for the smallest gap first; `next` is the `offset` of the next page, null on the last."""

    currency: str | None
    trust: Trusted | None
    steps: list[StepUp]
    candidates: list[Candidate]
    next: int | None

    @classmethod
    def of(cls, found: Upgrades, page: Page) -> Self:
        return cls(
            currency=found.currency,
            trust=Trusted.of(found.trusted),
            steps=[StepUp.of(climb) for climb in found.climbs],
            candidates=[Candidate.of(each) for each in found.candidates],
            next=page.after(len(found.candidates)),
        )


class Leaver(BaseModel):
    """A customer at risk or gone; `priority` is value × risk, and no amount of money. Days since the last order, and
    usually between orders; `served_by` is the colleague who has them just now."""

    customer_id: str | None
    id: int
    name: str | None
    tier: str | None
    stage: str
    value: float
    risk: float
    priority: float
    days_silent: int | None
    usual_gap_days: float | None
    served_by: str | None

    @classmethod
    def of(cls, found: Leaving) -> Self:
        figures = found._asdict()
        return cls(id=figures.pop("customer_id"), customer_id=figures.pop("number"), **figures)


class WinBackList(BaseModel):
    """The highest priority first; `next` is the `offset` of the next page, null on the last."""

    currency: str | None
    trust: Trusted | None
    customers: list[Leaver]
    next: int | None

    @classmethod
    def of(cls, found: WinBack, page: Page) -> Self:
        customers = [Leaver.of(each) for each in found.leaving]
        following = page.after(len(customers))
        return cls(currency=found.currency, trust=Trusted.of(found.trusted), customers=customers, next=following)


class Part(BaseModel):
    """Which part of a list."""

    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50
    offset: Annotated[int, Query(ge=0, le=FURTHEST)] = 0


class Days(BaseModel):
    """What the address says: 90 days up to today, unless it says otherwise."""

    since: Annotated[Day, Query(alias="from")] = None
    until: Annotated[Day, Query(alias="to")] = None
    by: Annotated[By, Query(description="between which groups")] = "tier"


@router.get("/reports/migration")
async def report_migration(
    web: Here, asked: Annotated[Days, Query()], caller: Annotated[Caller, Depends(needs("reports:read"))]
) -> Migrated:
    """Who moved between tiers, stages or segments, and what distinguishes them from those who stayed."""
    _bounded(web, caller)
    try:
        return Migrated.of(await migrated(web.desk, Wanted(asked.since, asked.until, asked.by), web.desk.store.clock()))
    except MigrationError as error:
        raise HTTPException(422, str(error)) from error


@router.get("/reports/upgrades")
async def report_upgrades(
    web: Here, asked: Annotated[Part, Query()], caller: Annotated[Caller, Depends(needs("customers:read"))]
) -> UpgradeList:
    """Customers close below the next tier, and what those who climbed did differently."""
    _bounded(web, caller)
    page = Page(asked.limit, asked.offset)
    return UpgradeList.of(await upgrades(web.desk, web.desk.store.clock(), page), page)


@router.get("/reports/winback")
async def report_winback(
    web: Here, asked: Annotated[Part, Query()], caller: Annotated[Caller, Depends(needs("customers:read"))]
) -> WinBackList:
    """Customers at risk or gone, except whoever took back their consent to marketing or can be reached nowhere."""
    _bounded(web, caller)
    page = Page(asked.limit, asked.offset)
    return WinBackList.of(await win_back(web.desk, page), page)


def _bounded(web: Web, caller: Caller) -> None:
    """All reports of a key together: each reads a great deal."""
    if not web.limiter.allows(f"api report {caller.key_id}", RATE):
        raise TooFastError
