"""How far value, risk and stages can be trusted in this shop: put to the test on its own orders, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from analytics.evaluation import (
    BackTest,
    CalibrationFigure,
    RiskFigure,
    StageFigure,
    StagesFigure,
    TopFigure,
    Trust,
    back_test,
)
from analytics.orders import Orders
from analytics.tiers import TierLimits
from crm_store.queries import climbing, scoring
from crm_store.repositories import schedule, shop_models
from crm_store.unit import Unit
from support.agents.voice import Voice
from support.desk import Desk
from support.judging.climbing import read_climbs
from support.judging.live_rules import held
from support.scoring.days import AsOfError
from support.scoring.nightly import HORIZON_DAYS
from support.scoring.reading import read_orders

log = structlog.get_logger()

JOB = "evaluate"
HOLDS = timedelta(days=7)
"""So long an evaluation is good enough."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """As of a day, by so many `orders` of so many `customers` until then. `found` is None in a shop that has not had
    orders for three days.
    """

    as_of: date
    orders: int
    customers: int
    found: BackTest | None

    def as_data(self) -> dict[str, Any]:
        """For JSON, fields by their names; a day is in ISO."""
        return {
            "as_of": self.as_of.isoformat(),
            "orders": self.orders,
            "customers": self.customers,
            "back_test": self.found.as_data() if self.found else None,
        }


async def ask_if_due(unit: Unit, today: date) -> None:
    """After a scoring: puts one evaluation on the timetable, unless that of the last days says something."""
    newest = await unit.session.scalar(select(shop_models.newest_evaluation()))
    if not newest or not newest["back_test"] or date.fromisoformat(newest["as_of"]) <= today - HOLDS:
        await schedule.ask_for(unit, f"{JOB}:due", JOB, unit.now)


async def evaluate_and_keep(desk: Desk, now: datetime) -> None:
    """As of today."""
    if not await kept(desk, await evaluated(desk, now.astimezone(desk.timezone).date(), now), now):
        log.info("evaluation.not_kept", because="there are no orders, or customers were never scored")


async def kept(desk: Desk, evaluation: Evaluation, now: datetime) -> bool:
    """With the newest model of the shop, beside what the steps between the tiers take, for the cards; False in a shop
    without orders, or whose customers were never scored."""
    if not evaluation.orders:
        return False
    async with desk.store.read() as session:
        climbs = await read_climbs(session, desk, now)
    data = evaluation.as_data() | {"climbs": [climb.as_data() for climb in climbs]}
    return await desk.store.run(lambda unit: shop_models.keep_evaluation(unit, data))


async def evaluated(desk: Desk, as_of: date, now: datetime) -> Evaluation:
    """Raises AsOfError."""
    today = now.astimezone(desk.timezone).date()
    if as_of > today:
        raise AsOfError(as_of, today)
    async with desk.store.read() as session:
        currency, limits = await climbing.currency(session), (await held(session)).tiers.limits
    async with scoring.snapshot(desk.store) as connection:
        orders = await read_orders(connection, as_of, currency)
    return await asyncio.to_thread(_tested, orders, as_of, limits)


def _tested(orders: Orders, as_of: date, limits: TierLimits) -> Evaluation:
    return Evaluation(as_of, len(orders.day), len(orders.ids), back_test(orders, as_of, HORIZON_DAYS, limits))


def worded(say: Voice, evaluation: Evaluation) -> Iterator[str]:
    """In plain words of the agents' language."""
    yield say(
        "evaluate.orders", orders=evaluation.orders, customers=evaluation.customers, date=say.date(evaluation.as_of)
    )
    found = evaluation.found
    if found is None:
        yield say("evaluate.too_young")
        return
    yield say("evaluate.day", date=say.date(found.day), days=found.horizon_days)
    yield _value(say, found.value)
    yield _risk(say, found.risk)
    yield _calibration(say, found.calibration)
    yield from _stages(say, found.stages)


def trust(say: Voice, grade: Trust) -> str:
    return say(f"trust.{grade.value}")


def _value(say: Voice, value: TopFigure) -> str:
    return say(
        "evaluate.value",
        trust=trust(say, value.trust),
        count=value.count,
        customers=value.customers,
        found=value.found,
        by_total=value.by_total,
    )


def _risk(say: Voice, risk: RiskFigure) -> str:
    counts = {"trust": trust(say, risk.trust), "silent": risk.silent, "active": risk.active}
    if risk.auc is None or risk.by_silence is None:
        return say("evaluate.risk.one_sided", **counts)
    return say("evaluate.risk", **counts, right=f"{risk.auc:.0%}", by_silence=f"{risk.by_silence:.0%}")


def _calibration(say: Voice, figure: CalibrationFigure) -> str:
    grade = trust(say, figure.trust)
    if figure.error is None:
        return say("evaluate.calibration.nobody", trust=grade)
    return say("evaluate.calibration", trust=grade, customers=figure.customers, points=f"{figure.error * 100:.1f}")


def _stages(say: Voice, found: StagesFigure) -> Iterator[str]:
    yield say("evaluate.stages.left", trust=trust(say, found.trust))
    yield say("evaluate.stages.at_risk", trust=trust(say, found.at_risk))
    for figure in found.stages:
        yield _stage(say, figure)


def _stage(say: Voice, figure: StageFigure) -> str:
    stage = say(f"stage.{figure.stage.value}" if figure.stage else "stage.at_risk")
    counts = {"stage": stage, "customers": figure.customers, "silent": figure.silent}
    if figure.customers == 0:
        return say("evaluate.stage.nobody", stage=stage)
    return say("evaluate.stage", **counts, share=f"{figure.silent / figure.customers:.0%}")
