"""Why somebody was served before others, in words that they may read: from what was kept when it was decided. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_store.models import Escalation, Score
from support.agents.queue import WAITED_TOO_LONG
from support.policy import PRIORITY_TIERS

OFTEN = 5
"""As many orders are "often"; with fewer it was their worth that counted."""

MOST_TOLD = 2


@dataclass(frozen=True, slots=True)
class Placing:
    """What was known when somebody came into the queue: the reasons' codes, and whether their orders counted.

    `open_for` is how long it took until a colleague came, or until now.
    """

    codes: Collection[str] = ()
    worth: float = 0.0
    orders: int = 0
    open_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: the last part of its key in locales/, and what fills it."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)


def placing_of(escalation: Escalation, score: Score | None, now: datetime) -> Placing:
    """What is read of a stored escalation."""
    codes = {str(reason["code"]) for reason in escalation.reasons}
    until = escalation.claimed_at or escalation.ended_at or now
    orders = score.order_count if score else 0
    return Placing(codes, escalation.value_percentile, orders, until - escalation.opened_at)


def why_first(placing: Placing) -> tuple[Because, ...]:
    """What moved them forward, the weightiest first, two at the most; nothing if it went by their turn alone."""
    found = [*_worth(placing), *_away(placing), *_complaint(placing), *_urgent(placing), *_waited(placing)]
    return tuple(found[:MOST_TOLD])


def _worth(placing: Placing) -> list[Because]:
    if not PRIORITY_TIERS.keys().isdisjoint(placing.codes):
        return [Because("often" if placing.orders >= OFTEN else "large")]
    return [Because("customer")] if placing.worth > 0 else []


def _away(placing: Placing) -> list[Because]:
    return [Because("away")] if not {"at_risk", "churned"}.isdisjoint(placing.codes) else []


def _complaint(placing: Placing) -> list[Because]:
    if "complaint" not in placing.codes:
        return []
    days = placing.open_for // timedelta(days=1)
    return [Because("complaint_open", {"days": days})] if days else [Because("complaint")]


def _urgent(placing: Placing) -> list[Because]:
    return [Because("urgent")] if "urgent" in placing.codes else []


def _waited(placing: Placing) -> list[Because]:
    return [Because("waited")] if placing.open_for > WAITED_TOO_LONG else []
