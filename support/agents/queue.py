"""The queue: who comes next, which place somebody has in it, and how long that usually takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median
from types import MappingProxyType
from typing import Any

from analytics.weighing import Place
from crm_store.models import Escalation
from crm_store.queries.reason_verdicts import WrongCodes, wrong_of_open
from crm_store.repositories import escalations
from crm_store.unit import Unit
from support.agents.placing import place_of
from support.agents.priority import Waiting, order
from support.desk import Desk
from support.judging.house_rules import DEFAULT, Policy

RECENT_CLAIMS = 20
FEWEST_CLAIMS = 3
NOTHING: Mapping[int, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's place in the queue. `minutes` is None where too few claims are known to promise anything."""

    place: int
    minutes: int | None


def ranked(
    waiting: list[Escalation],
    now: datetime,
    policy: Policy = DEFAULT.policy,
    tiers: Mapping[int, str | None] = NOTHING,
    wrong: WrongCodes = NOTHING,
) -> list[Escalation]:
    """The queue as agents see it: first the one to take next. `tiers` by customer, for a policy that weighs them."""
    people = [_in_line(e, place_of(e, tiers.get(e.customer_id), policy, wrong.get(e.id, frozenset()))) for e in waiting]
    return [waiter.key for waiter in order(people, now, policy.queue.bound, policy.queue)]


def _in_line(escalation: Escalation, place: Place) -> Waiting[Escalation]:
    return Waiting(
        escalation,
        escalation.opened_at,
        value_percentile=place.percentile,
        risk=place.risk,
        service_risk=place.service.risk if place.service else None,
        urgent=place.urgent,
        weight=place.tier_weight,
    )


async def line(desk: Desk, unit: Unit, escalation: Escalation) -> Line:
    """The place of a waiting escalation now."""
    policy = desk.rules.policy
    tiers = await escalations.tiers_of_waiting(unit) if policy.weighs_tiers else {}
    wrong = await wrong_of_open(unit.session)
    queue = ranked(await escalations.waiting(unit), unit.now, policy, tiers, wrong)
    place = next((i for i, e in enumerate(queue, 1) if e.id == escalation.id), len(queue) + 1)
    pace = await minutes_to_claim(desk, unit)
    return Line(place, pace * place if pace else None)


async def minutes_to_claim(desk: Desk, unit: Unit) -> int | None:
    """The median working minutes until the newest claims; None while there are too few to promise from."""
    waits = await escalations.recent_waits(unit, RECENT_CLAIMS)
    if len(waits) < FEWEST_CLAIMS:
        return None
    return max(1, ceil(median(desk.hours.minutes_between(opened, claimed) for opened, claimed in waits)))
