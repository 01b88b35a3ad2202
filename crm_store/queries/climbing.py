"""Who stands close below the next tier, and whom we may lose: bounded lists from the newest judgements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.imports.owners import SHOP
from crm_store.models import Agent, Consent, ContactPoint, Customer, Escalation, OrderHistory, Score

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
    """A customer at risk or gone. `priority` is value × risk: it orders the list and is no amount of money, because a
    value is a mean of what is expected and of what was (analytics.worth). `served_by` is the colleague who has them
    just now."""

    customer_id: int
    number: str | None
    name: str | None
    tier: str | None
    stage: str
    value: float
    risk: float
    priority: float
    days_silent: int | None
    usual_gap_days: float | None
    served_by: str | None


async def currency(session: AsyncSession) -> str | None:
    """The shop's own, which values are in."""
    own = select(OrderHistory.currency).where(OrderHistory.currency.is_not(None))
    return await session.scalar(own.limit(1))


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


async def leaving(session: AsyncSession, purpose: str, limit: int, offset: int) -> Sequence[Leaving]:
    """Customers at risk, and those in stage churn whose risk is known, the highest priority first. Whoever took back
    their consent to `purpose`, or can be reached nowhere, is left out."""
    priority = (Score.value * Score.risk).label("priority")
    query = (
        select(Score.customer_id, Customer.external_id.label("number"), Customer.name, Score.tier, Score.stage)
        .add_columns(Score.value, Score.risk, priority, Score.as_of, OrderHistory.last_order)
        .add_columns(OrderHistory.usual_gap_days, _served_by().label("served_by"))
        .join(Customer, Customer.id == Score.customer_id)
        .outerjoin(OrderHistory, OrderHistory.customer_id == Score.customer_id)
        .where(or_(Score.at_risk, Score.stage == LEFT), Score.risk.is_not(None), *_present())
        .where(Score.customer_id.not_in(_withdrawn(purpose)), _can_be_reached())
        .order_by(priority.desc(), Score.customer_id)
        .limit(limit)
        .offset(offset)
    )
    return [_leaving(row._asdict()) for row in (await session.execute(query)).all()]


def _leaving(figures: dict[str, Any]) -> Leaving:
    as_of, last_order = figures.pop("as_of"), figures.pop("last_order")
    return Leaving(**figures, days_silent=(as_of - last_order).days if last_order else None)


def _withdrawn(purpose: str) -> Select[int]:
    """Customers whose newest word is no, whichever of their records it was said to."""
    living = func.coalesce(Customer.merged_into_id, Customer.id)
    nth = func.row_number().over(partition_by=living, order_by=(Consent.at.desc(), Consent.id.desc()))
    said = select(living.label("customer_id"), Consent.given, nth.label("nth"))
    said = said.join(Customer, Customer.id == Consent.customer_id).where(Consent.purpose == purpose)
    c = said.subquery("said").c
    return select(c.customer_id).where(c.nth == 1, ~c.given)


def _can_be_reached() -> ColumnElement[bool]:
    """Unless everywhere where they wrote is closed to us, and neither phone nor e-mail is known."""
    own = ContactPoint.customer_id == Customer.id, ContactPoint.channel != SHOP
    is_open = exists().where(*own, ContactPoint.state == "active")
    wrote = exists().where(*own)
    return or_(Customer.phone.is_not(None), Customer.email.is_not(None), is_open, ~wrote)


def _served_by() -> ScalarSelect[str]:
    claimed = select(func.min(Agent.name)).join(Escalation, Escalation.agent_id == Agent.id)
    return claimed.where(Escalation.customer_id == Score.customer_id, Escalation.ended_at.is_(None)).scalar_subquery()


def _present() -> tuple[ColumnElement[bool], ...]:
    return Customer.erased_at.is_(None), Customer.merged_into_id.is_(None)
