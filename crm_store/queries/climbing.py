"""Who stands close below the next tier, and whom we may lose: bounded lists from the newest judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Customer, Score

LEFT = "churn"


class Bar(NamedTuple):
    """Of a tier the least value and the median."""

    least: float
    median: float


class Near(NamedTuple):
    """A customer below a bar; `number` is the shop's own."""

    customer_id: int
    number: str | None
    name: str | None
    tier: str
    value: float


class Leaving(NamedTuple):
    """A customer at risk or gone; `stake` is value × risk, money that is expected to be lost."""

    customer_id: int
    number: str | None
    name: str | None
    tier: str | None
    stage: str
    value: float
    risk: float
    stake: float
    days_silent: int | None
    usual_gap_days: float | None


async def currency(session: AsyncSession) -> str | None:
    """The shop's own, which values are in."""
    return await session.scalar(select(Score.currency).where(Score.currency.is_not(None)).limit(1))


async def bars(session: AsyncSession, tiers: Sequence[str]) -> Mapping[str, Bar]:
    """Of those tiers that have customers."""
    nth = func.row_number().over(partition_by=Score.tier, order_by=Score.value)
    size = func.count().over(partition_by=Score.tier)
    placed = select(Score.tier, Score.value, nth.label("nth"), size.label("size")).where(Score.tier.in_(tiers))
    c = placed.subquery().c
    in_the_middle = or_(2 * c.nth == c.size, 2 * c.nth == c.size + 1, 2 * c.nth == c.size + 2)
    middle = func.avg(case((in_the_middle, c.value)))
    rows = (await session.execute(select(c.tier, func.min(c.value), middle).group_by(c.tier))).all()
    return {tier: Bar(least, median) for tier, least, median in rows}


async def near(
    session: AsyncSession, above: Mapping[str, Bar], least_reached: float, limit: int, offset: int
) -> Sequence[Near]:
    """Customers of each tier in `above` with that share of the bar above it or more, but not all of it: the largest
    gain for the smallest gap first, by (median − value) × value / bar."""
    close = [
        and_(Score.tier == tier, Score.value >= least_reached * bar.least, Score.value < bar.least)
        for tier, bar in above.items()
        if bar.least > 0
    ]
    if not close:
        return []
    query = (
        select(Score.customer_id, Customer.external_id, Customer.name, Score.tier, Score.value)
        .join(Customer, Customer.id == Score.customer_id)
        .where(or_(false(), *close), *_present())
        .order_by(_worth_it(above).desc(), Score.customer_id)
        .limit(limit)
        .offset(offset)
    )
    return [Near._make(row) for row in (await session.execute(query)).all()]


def _worth_it(above: Mapping[str, Bar]) -> ColumnElement[float]:
    worth = [
        (Score.tier == tier, (bar.median - Score.value) * (Score.value / bar.least))
        for tier, bar in above.items()
        if bar.least > 0
    ]
    return case(*worth)


async def leaving(session: AsyncSession, limit: int, offset: int) -> Sequence[Leaving]:
    """Customers at risk, and those in stage churn whose risk is known, by what is at stake."""
    stake = (Score.value * Score.risk).label("stake")
    who = Score.customer_id, Customer.external_id, Customer.name, Score.tier, Score.stage
    query = (
        select(*who, Score.value, Score.risk, stake, Score.days_silent, Score.usual_gap_days)
        .join(Customer, Customer.id == Score.customer_id)
        .where(or_(Score.at_risk, Score.stage == LEFT), Score.risk.is_not(None), *_present())
        .order_by(stake.desc(), Score.customer_id)
        .limit(limit)
        .offset(offset)
    )
    return [Leaving._make(row) for row in (await session.execute(query)).all()]


def _present() -> tuple[ColumnElement[bool], ...]:
    return Customer.erased_at.is_(None), Customer.merged_into_id.is_(None)
