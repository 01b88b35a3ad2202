"""Why somebody was served before others, in words that they may read: from what was kept when it was decided. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from analytics.service_risk import Signal
from analytics.tiers import Tier
from crm_store.models import Escalation
from support.agents.placing import place_of
from support.judging.house_rules import DEFAULT, Policy
from support.judging.service import CODE as SERVICE
from support.judging.service import days_between

OFTEN = 5
"""As many orders are "often"; with fewer it was their worth that counted."""

LARGE = frozenset({Tier.VIP, Tier.MAJOR})
MOST_TOLD = 2


@dataclass(frozen=True, slots=True)
class Placing:
    """What was known when somebody came into the queue: the reasons' codes, and whether their orders counted.

    `codes` has the service's signals too (analytics.service_risk), and nothing that an agent called wrong. `open_for`
    is how long it took until a colleague came, or until now; beyond `bound` the waiting itself counted.
    `complaint_days` are the days of the calendar that a complaint was open until then.
    """

    codes: Collection[str] = ()
    worth: float = 0.0
    orders: int = 0
    open_for: timedelta = timedelta(0)
    bound: timedelta = DEFAULT.policy.queue.bound
    complaint_days: int = 0


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: the last part of its key in locales/, and what fills it."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)


def placing_of(
    escalation: Escalation, orders: int, wrong: Collection[str], now: datetime, policy: Policy, zone: tzinfo
) -> Placing:
    """What is read of a stored escalation; `wrong` are the codes that an agent called wrong, `zone` is the shop's."""
    place = place_of(escalation, None, policy, wrong)
    signals = [part.signal for part in place.service.parts] if place.service else []
    codes = {str(each["code"]) for each in escalation.reasons} - set(wrong)
    until = escalation.claimed_at or escalation.ended_at or now
    return Placing(
        codes | {signal.code for signal in signals},
        place.percentile or 0.0,
        orders,
        until - escalation.opened_at,
        policy.queue.bound,
        _complaint_days(escalation, signals, until, zone),
    )


def _complaint_days(escalation: Escalation, signals: Iterable[Signal], until: datetime, zone: tzinfo) -> int:
    """Since the complaint itself; an older one was open for some days already when the service risk was noted."""
    since = {r["code"]: datetime.fromisoformat(r["at"]) for r in escalation.reasons if r.get("at")}
    own = days_between(since.get("complaint", escalation.opened_at), until, zone)
    noted = days_between(since.get(SERVICE, escalation.opened_at), until, zone)
    return max([own, *(noted + each.figures["days"] for each in signals if each.code == "open_complaint")])


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
        return [Because(_kind(placing))]
    return [Because("customer")] if placing.worth > 0 else []


def _kind(placing: Placing) -> str:
    """Orders are large only by what the shop's best spend."""
    if placing.orders >= OFTEN:
        return "often"
    return "customer" if LARGE.isdisjoint(placing.codes) else "large"


def _away(placing: Placing) -> list[Because]:
    return [Because("away")] if not {"at_risk", "churned"}.isdisjoint(placing.codes) else []


def _complaint(placing: Placing) -> list[Because]:
    if {"complaint", "open_complaint"}.isdisjoint(placing.codes):
        return []
    days = placing.complaint_days
    return [Because("complaint_open", {"days": days})] if days else [Because("complaint")]


def _served(placing: Placing) -> list[Because]:
    """What we did not do well."""
    names = {"overdue_ticket": "late", "repeated_contact": "again", "negative_words": "unhappy"}
    return [Because(name) for code, name in names.items() if code in placing.codes]


def _urgent(placing: Placing) -> list[Because]:
    return [Because("urgent")] if "urgent" in placing.codes else []


def _waited(placing: Placing) -> list[Because]:
    return [Because("waited")] if placing.open_for > placing.bound else []
