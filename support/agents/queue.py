"""The queue: who comes next, which place somebody has in it, and how long that usually takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from crm_store.models import Escalation
from crm_store.repositories import escalations
from crm_store.unit import Unit
from support.agents.priority import Waiting, order
from support.desk import Desk

WAITED_TOO_LONG = timedelta(minutes=60)
"""Whoever has waited so long comes first, whatever their value: the fairness floor of design.md."""

RECENT_CLAIMS = 20
FEWEST_CLAIMS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's place in the queue. `minutes` is None where too few claims are known to promise anything."""

    place: int
    minutes: int | None


def ranked(waiting: list[Escalation], now: datetime) -> list[Escalation]:
    """The queue as agents see it: first the one to take next."""
    people = [
        Waiting(e, e.opened_at, value_percentile=e.value_percentile, risk=e.risk, urgent=e.urgent) for e in waiting
    ]
    return [waiter.key for waiter in order(people, now, WAITED_TOO_LONG)]


async def line(desk: Desk, unit: Unit, escalation: Escalation) -> Line:
    """The place of a waiting escalation now."""
    queue = ranked(await escalations.waiting(unit), unit.now)
    place = next((i for i, e in enumerate(queue, 1) if e.id == escalation.id), len(queue) + 1)
    pace = await minutes_to_claim(desk, unit)
    return Line(place, pace * place if pace else None)


async def minutes_to_claim(desk: Desk, unit: Unit) -> int | None:
    """The median working minutes until the newest claims; None while there are too few to promise from."""
    waits = await escalations.recent_waits(unit, RECENT_CLAIMS)
    if len(waits) < FEWEST_CLAIMS:
        return None
    return max(1, ceil(median(desk.hours.minutes_between(opened, claimed) for opened, claimed in waits)))
