"""Asks for customers to be judged again, in the transaction that changes their orders: so no kill can lose it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.repositories import schedule
from crm_store.unit import Unit

JOB, FULL_JOB = "score_touched", "score"
MOST_TOUCHED = 5_000
"""Of more than so many it is quicker to judge all."""


async def ask_to_judge(unit: Unit, ids: Collection[int]) -> None:
    """Puts it on the timetable that these customers, MOST_TOUCHED at the most, are judged again."""
    if ids:
        await schedule.ask_for(unit, f"{JOB}:{new_id()}", JOB, unit.now, {"customers": sorted(ids)})


async def ask_to_judge_merged(unit: Unit, ids: Collection[int]) -> None:
    """The same of records that the unit merges or takes apart; one row for all, however many."""
    asked: dict[str, Any] = unit.memory.setdefault((JOB, "merged"), {"customers": [], "merged": True})
    if not asked["customers"]:
        await schedule.ask_for(unit, f"{JOB}:{new_id()}", JOB, unit.now, asked)
    asked["customers"].extend(ids)


async def merged_since_judged(session: AsyncSession) -> frozenset[int]:
    """Those that were asked for as merged or taken apart, and have not been judged yet."""
    asked = await schedule.payloads(session, JOB)
    return frozenset(who for payload in asked if payload.get("merged") for who in payload["customers"])


async def ask_to_judge_all(unit: Unit) -> None:
    """With all orders counted anew: too many have changed to say whose."""
    await schedule.ask_for(unit, "score:orders", FULL_JOB, unit.now, {"recount": True})


def wants_recount(payload: Mapping[str, Any]) -> bool:
    return bool(payload.get("recount"))
