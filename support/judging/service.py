"""What the service's own rows say of losing a customer: an open complaint, an overdue ticket, coming back with the same
matter, words that are clearly negative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.service_risk import Part, ServiceRisk, Signal, service_risk
from crm_store.person import Person
from crm_store.queries import service
from crm_store.service_facts import Asked, Lately, Matter
from crm_store.unit import Unit
from faq.questions import content
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
    risk = await risk_of(desk, unit, person)
    if risk is None or risk.risk < desk.rules.policy.escalation.service_risk:
        return list(reasons)
    parts = [{"code": p.signal.code, "weight": p.weight, **p.signal.figures} for p in risk.parts]
    facts = {"risk": risk.risk, "base": risk.base, "base_known": risk.is_base_known, "parts": parts}
    return [*(reason for reason in reasons if reason.code != CODE), Reason(CODE, facts)]


def kept_risk(reasons: Iterable[Mapping[str, Any]] | None, wrong: Collection[str] = ()) -> ServiceRisk | None:
    """The service risk that an escalation's reasons hold, as it was when it was noted; None if it was not raised.

    `wrong` are the codes that an agent called wrong: without its complaint, the risk is what the other parts make it.
    """
    kept = next((reason["facts"] for reason in reasons or () if reason["code"] == CODE), None)
    if CODE in wrong or not kept:
        return None
    risk = ServiceRisk(kept["risk"], kept["base"], kept["base_known"], tuple(map(_part, kept["parts"])))
    if "complaint" not in wrong:
        return risk
    left = [part.signal for part in risk.parts if part.signal.code != "open_complaint"]
    return risk if len(left) == len(risk.parts) else service_risk(risk.base if risk.is_base_known else None, left)


def _part(kept: Mapping[str, Any]) -> Part:
    figures = {name: figure for name, figure in kept.items() if name not in ("code", "weight")}
    return Part(Signal(kept["code"], figures), kept["weight"])


async def risk_of(desk: Desk, unit: Unit, person: Person) -> ServiceRisk | None:
    """Of one customer, read once in a unit and never of somebody whom this very unit met: nothing is stored of them."""
    customer = person.customer
    if customer in unit.session.new:
        return None
    key = ("service_risk", customer.id)
    if key not in unit.memory:
        signals = await signals_of(unit.session, [customer.id], unit.now, desk.timezone)
        known = person.score.risk if person.score else None
        unit.memory[key] = service_risk(known, signals.get(customer.id, ()))
    found: ServiceRisk | None = unit.memory[key]
    return found


async def signals_of(
    session: AsyncSession, customer_ids: Iterable[int], now: datetime, zone: tzinfo
) -> dict[int, tuple[Signal, ...]]:
    """Of many customers in two statements; a customer without signals is left out. As committed."""
    found = await service.of_customers(session, customer_ids)
    judged = {customer: signals_in(matters, lately, now, zone) for customer, (matters, lately) in found.items()}
    return {customer: signals for customer, signals in judged.items() if signals}


def signals_in(matters: Sequence[Matter], lately: Sequence[Lately], now: datetime, zone: tzinfo) -> tuple[Signal, ...]:
    """Those that hold now; each figure can be found in the rows. Days are the calendar's in the shop's `zone`."""
    return (
        *_complaint(matters, now, zone),
        *_overdue(matters, now, zone),
        *_repeated(matters, lately, now),
        *_negative(lately, now),
    )


def _complaint(matters: Iterable[Matter], now: datetime, zone: tzinfo) -> list[Signal]:
    """Open until its ticket is resolved, unless an agent said that it is none."""
    since = [at for matter in matters if (at := _complained_at(matter)) and not matter.is_denied]
    return [Signal("open_complaint", {"days": days_between(min(since), now, zone)})] if since else []


def _complained_at(matter: Matter) -> datetime | None:
    """A complaint that came while the customer was waiting already has its own moment."""
    said = [reason.get("at") for reason in matter.reasons or () if reason["code"] == "complaint"]
    return (datetime.fromisoformat(said[0]) if said[0] else matter.escalated_at) if said else None


def _overdue(matters: Iterable[Matter], now: datetime, zone: tzinfo) -> list[Signal]:
    due = [matter.due_at for matter in matters if matter.is_unanswered and matter.due_at < now]
    return [Signal("overdue_ticket", {"days": days_between(min(due), now, zone)})] if due else []


def _repeated(matters: Sequence[Matter], lately: Iterable[Lately], now: datetime) -> list[Signal]:
    """How often they came back: the first time does not count."""
    lately = list(lately)
    reopened = max((matter.reopenings for matter in matters), default=0)
    failed = _failed_on_one_matter([asked for each in lately for asked in each.asked if now - asked.at <= WINDOW])
    sessions = sum(now - at <= WINDOW for each in lately for at in each.sessions) if matters else 0
    enough = [(reopened, reopened, 1), (failed - 1, failed, FAILED_ANSWERS), (sessions - 1, sessions, SESSIONS)]
    counts = [back for back, count, least in enough if count >= least]
    return [Signal("repeated_contact", {"count": max(counts)})] if counts else []


def _failed_on_one_matter(asked: Iterable[Asked]) -> int:
    """The most messages on one matter that got no answer; two questions in one message came at once."""
    failed = [(each.touchpoint_id, content(each.text or "")) for each in asked if _has_failed(each)]
    return max((len({id_ for id_, other in failed if _is_alike(said, other)}) for _, said in failed), default=0)


def _has_failed(asked: Asked) -> bool:
    return asked.decision == "refuse" or asked.outcome in FAILED


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Two questions are on one matter if they share at least half of what the longer one speaks of."""
    return bool(one) and 2 * len(one & other) >= max(len(one), len(other))


def _negative(lately: Sequence[Lately], now: datetime) -> list[Signal]:
    """A wording that an edit replaced was said once, and is said no more."""
    replaced = {heard.replaces for each in lately for heard in each.heard}
    recent = [h.text for each in lately for h in each.heard if now - h.at <= WINDOW and h.id not in replaced]
    count = sum(_is_negative(text) for text in recent)
    return [Signal("negative_words", {"count": count})] if count else []


def _is_negative(text: str) -> bool:
    found = read(text)
    return found.complaint or found.insult or found.upset


def days_between(since: datetime, now: datetime, zone: tzinfo) -> int:
    """Midnights that have passed in a zone; none where the clock was set back."""
    return max(0, (now.astimezone(zone).date() - since.astimezone(zone).date()).days)
