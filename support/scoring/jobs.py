"""The timetable's part of judging: all every night, in between whose orders have changed, and how well it works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any

from crm_store.repositories import schedule
from crm_store.unit import Unit
from support.desk import Desk
from support.judging import evaluating
from support.nights import next_night
from support.scoring import asking
from support.scoring.days import day_to_judge
from support.scoring.nightly import newest_model, rescore
from support.scoring.touched import judge_again

DAILY, SUNDAY = 86_400, 6
Job = Callable[[Unit, dict[str, Any]], Awaitable[datetime | None]]


async def plan(desk: Desk, unit: Unit) -> None:
    """Puts the nightly scoring on the timetable; doing it again changes nothing. A shop of which nothing is known, at
    its first start or after an upgrade, is judged at once besides."""
    if await newest_model(desk.store) is None:
        await asking.ask_to_judge_all(unit)
    night = next_night(unit.now, desk.timezone)
    await schedule.ask_for(unit, asking.FULL_JOB, asking.FULL_JOB, night, every_seconds=DAILY)


class Judging:
    """The jobs, over a desk; each of them writes in transactions of its own."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.jobs: Mapping[str, Job] = {
            asking.FULL_JOB: self.judge_all,
            asking.JOB: self.judge_touched,
            evaluating.JOB: self.evaluate,
        }

    async def judge_all(self, unit: Unit, payload: dict[str, Any]) -> datetime:
        """Returns when it is night again. One night a week all orders are counted anew, come what may."""
        day = await self._day(unit)
        await rescore(self._desk.store, day, recount=asking.wants_recount(payload) or day.weekday() == SUNDAY)
        await evaluating.ask_if_due(unit, day)
        return next_night(unit.now, self._desk.timezone)

    async def judge_touched(self, unit: Unit, payload: dict[str, Any]) -> None:
        """By what is known of the shop; what is known of too few customers is learned anew, once for all who ask."""
        day, merged = await self._day(unit), payload.get("merged", False)
        if not await judge_again(self._desk.store, payload["customers"], day, merged=merged):
            await asking.ask_to_judge_all(unit)

    async def evaluate(self, unit: Unit, _: dict[str, Any]) -> None:
        await evaluating.evaluate_and_keep(self._desk, unit.now)

    async def _day(self, unit: Unit) -> date:
        return await day_to_judge(self._desk.store, unit.now.astimezone(self._desk.timezone).date())
