"""The newest word on how far the shop's scores can be trusted, beside what was learned of the shop."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ShopModel
from crm_store.unit import Unit


def newest_evaluation() -> ScalarSelect[dict[str, Any] | None]:
    """As a column of another query; nothing if there was none yet. Read from the end, a few rows at the most."""
    evaluated = select(ShopModel.evaluation).where(ShopModel.evaluation.is_not(None))
    return evaluated.order_by(ShopModel.id.desc()).limit(1).scalar_subquery()


async def evaluation(session: AsyncSession) -> dict[str, Any] | None:
    """The newest; None if there was none yet."""
    return await session.scalar(select(newest_evaluation()))


async def keep_evaluation(unit: Unit, evaluation: dict[str, Any]) -> bool:
    """With the newest model; False if there is none."""
    newest = await unit.session.scalar(select(ShopModel.id).order_by(ShopModel.id.desc()).limit(1))
    if newest is None:
        return False
    await unit.session.execute(update(ShopModel).where(ShopModel.id == newest).values(evaluation=evaluation))
    return True
