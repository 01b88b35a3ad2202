"""Asks for customers to be judged again, in the transaction that changes their orders: so no kill can lose it."""

from __future__ import annotations

from collections.abc import Collection

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


async def ask_to_judge_all(unit: Unit) -> None:
    await schedule.ask_for(unit, "score:orders", FULL_JOB, unit.now)
