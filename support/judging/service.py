"""What the service's own rows say of losing a customer: an open complaint, an overdue ticket, coming back with the same
matter, words that are clearly negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.service_risk import ServiceRisk, Signal, service_risk
from crm_store.models import Escalation
from crm_store.person import Person
from crm_store.queries import service
from crm_store.service_facts import Asked, Lately, Matter
from crm_store.unit import Unit
from support.desk import Desk
from support.policy import Reason
from support.words.signals import read

WINDOW = timedelta(days=7)
"""For what passes: failed answers, sessions and words."""

FAILED_ANSWERS = 2
SESSIONS = 3
"""So many within the window, while a ticket is open, are about one matter; without one they may be mere interest."""

FAILED = ("not_helped", "none", "repeated")
"""Outcomes of an answer that was none (crm_store.models.FaqQuestion)."""

CODE = "service_risk"


async def with_service(desk: Desk, unit: Unit, person: Person, reasons: Iterable[Reason]) -> list[Reason]:
    """The reasons to put somebody into the queue, with the service's part if the policy calls a human for it.

    The figure stays in the reason, beside the escalation's own `risk`, which is the score's at that time: so either can
    be found in the rows later.
    """
    risk = await risk_of(unit, person)
    if risk is None or risk.risk < desk.rules.policy.escalation.service_risk:
        return list(reasons)
    parts = [{"code": p.signal.code, "weight": p.weight, **p.signal.figures} for p in risk.parts]
    facts = {"risk": risk.risk, "base": risk.base, "base_known": risk.is_base_known, "parts": parts}
    return [*(reason for reason in reasons if reason.code != CODE), Reason(CODE, facts)]


def kept_risk(escalation: Escalation) -> float | None:
    """The service risk when somebody came into the queue; None if it was not raised."""
    kept = (reason["facts"].get("risk") for reason in escalation.reasons or () if reason["code"] == CODE)
    return next(kept, None)


async def risk_of(unit: Unit, person: Person) -> ServiceRisk | None:
    """Of one customer, read once in a unit and never of somebody whom this very unit met: nothing is stored of them."""
    customer = person.customer
    if customer in unit.session.new:
        return None
    key = ("service_risk", customer.id)
    if key not in unit.memory:
        signals = await signals_of(unit.session, [customer.id], unit.now)
        known = person.score.risk if person.score else None
        unit.memory[key] = service_risk(known, signals.get(customer.id, ()))
    found: ServiceRisk | None = unit.memory[key]
    return found


async def signals_of(
    session: AsyncSession, customer_ids: Iterable[int], now: datetime
) -> dict[int, tuple[Signal, ...]]:
    """Of many customers in two statements; a customer without signals is left out. As committed."""
    found = await service.of_customers(session, customer_ids)
    judged = {customer: signals_in(matters, lately, now) for customer, (matters, lately) in found.items()}
    return {customer: signals for customer, signals in judged.items() if signals}


def signals_in(matters: Sequence[Matter], lately: Sequence[Lately], now: datetime) -> tuple[Signal, ...]:
    """Those that hold now; each figure can be found in the rows."""
    return (
        *_complaint(matters, now),
        *_overdue(matters, now),
        *_repeated(matters, lately, now),
        *_negative(lately, now),
    )


def _complaint(matters: Iterable[Matter], now: datetime) -> list[Signal]:
    """Open until its ticket is resolved."""
    since = [at for matter in matters if (at := _complained_at(matter))]
    return [Signal("open_complaint", {"days": _days(min(since), now)})] if since else []


def _complained_at(matter: Matter) -> datetime | None:
    """A complaint that came while the customer was waiting already has its own moment."""
    said = [reason.get("at") for reason in matter.reasons or () if reason["code"] == "complaint"]
    return (datetime.fromisoformat(said[0]) if said[0] else matter.escalated_at) if said else None


def _overdue(matters: Iterable[Matter], now: datetime) -> list[Signal]:
    due = [matter.due_at for matter in matters if matter.is_unanswered and matter.due_at < now]
    return [Signal("overdue_ticket", {"days": _days(min(due), now)})] if due else []


def _repeated(matters: Sequence[Matter], lately: Iterable[Lately], now: datetime) -> list[Signal]:
    lately = list(lately)
    reopened = max((matter.reopenings for matter in matters), default=0)
    failed = sum(_has_failed(asked) and now - asked.at <= WINDOW for each in lately for asked in each.asked)
    sessions = sum(now - at <= WINDOW for each in lately for at in each.sessions) if matters else 0
    enough = [(reopened, 1), (failed, FAILED_ANSWERS), (sessions, SESSIONS)]
    counts = [count for count, least in enough if count >= least]
    return [Signal("repeated_contact", {"count": max(counts)})] if counts else []


def _has_failed(asked: Asked) -> bool:
    return asked.decision == "refuse" or asked.outcome in FAILED


def _negative(lately: Iterable[Lately], now: datetime) -> list[Signal]:
    recent = [heard.text for each in lately for heard in each.heard if now - heard.at <= WINDOW]
    count = sum(_is_negative(text) for text in recent)
    return [Signal("negative_words", {"count": count})] if count else []


def _is_negative(text: str) -> bool:
    found = read(text)
    return found.complaint or found.insult or found.upset


def _days(since: datetime, now: datetime) -> int:
    """Full days; none yet where the clock was set back."""
    return max(0, (now - since).days)
