"""Why somebody was served before others, in words that they may read: from what was kept when it was decided. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.tiers import Tier
from crm_store.models import Escalation, Score
from support.judging.house_rules import DEFAULT

OFTEN = 5
"""As many orders are "often"; with fewer it was their worth that counted."""

MOST_TOLD = 2


@dataclass(frozen=True, slots=True)
class Placing:
    """What was known when somebody came into the queue: the reasons' codes, and whether their orders counted.

    `codes` has the service's signals too (analytics.service_risk). `open_for` is how long it took until a colleague
    came, or until now; beyond `bound` the waiting itself counted. A complaint may have been open before, for
    `complained_before`.
    """

    codes: Collection[str] = ()
    worth: float = 0.0
    orders: int = 0
    open_for: timedelta = timedelta(0)
    bound: timedelta = DEFAULT.policy.queue.bound
    complained_before: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: the last part of its key in locales/, and what fills it."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)


def placing_of(escalation: Escalation, score: Score | None, now: datetime, bound: timedelta) -> Placing:
    """What is read of a stored escalation; `bound` is the queue's (support.judging.house_rules.QueueRules)."""
    parts = [part for reason in escalation.reasons for part in reason["facts"].get("parts", ())]
    codes = {str(each["code"]) for each in (*escalation.reasons, *parts)}
    before = max((part["days"] for part in parts if part["code"] == "open_complaint"), default=0)
    until = escalation.claimed_at or escalation.ended_at or now
    orders = score.order_count if score else 0
    open_for = until - escalation.opened_at
    return Placing(codes, escalation.value_percentile, orders, open_for, bound, timedelta(days=before))


def why_first(placing: Placing) -> tuple[Because, ...]:
    """What moved them forward, the weightiest first, two at the most; nothing if it went by their turn alone."""
    found = [
        *_worth(placing),
        *_away(placing),
        *_complaint(placing),
        *_served(placing),
        *_urgent(placing),
        *_waited(placing),
    ]
    return tuple(found[:MOST_TOLD])


def _worth(placing: Placing) -> list[Because]:
    if not set(Tier).isdisjoint(placing.codes):
        return [Because("often" if placing.orders >= OFTEN else "large")]
    return [Because("customer")] if placing.worth > 0 else []


def _away(placing: Placing) -> list[Because]:
    return [Because("away")] if not {"at_risk", "churned"}.isdisjoint(placing.codes) else []


def _complaint(placing: Placing) -> list[Because]:
    if {"complaint", "open_complaint"}.isdisjoint(placing.codes):
        return []
    days = (placing.complained_before + placing.open_for) // timedelta(days=1)
    return [Because("complaint_open", {"days": days})] if days else [Because("complaint")]


def _served(placing: Placing) -> list[Because]:
    """What we did not do well."""
    names = {"overdue_ticket": "late", "repeated_contact": "again", "negative_words": "unhappy"}
    return [Because(name) for code, name in names.items() if code in placing.codes]


def _urgent(placing: Placing) -> list[Because]:
    return [Because("urgent")] if "urgent" in placing.codes else []


def _waited(placing: Placing) -> list[Because]:
    return [Because("waited")] if placing.open_for > placing.bound else []
