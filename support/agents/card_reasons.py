"""Why a customer stands where they stand and why a person is needed, as lines of their card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics.reasons import Pull, Reason, Weighed, explained
from analytics.service_risk import ServiceRisk, service_risk
from crm_store.card import CustomerCard
from crm_store.models import Escalation
from support.agents.voice import Voice
from support.judging.house_rules import Policy
from support.judging.service import signals_in

TODAY = ("open_complaint", "overdue_ticket")
"""Reasons whose days are none yet on the first day."""


@dataclass(frozen=True, slots=True)
class NamedReason:
    """A reason of the escalation under way, which an agent may call wrong."""

    escalation_id: int
    code: str
    text: str
    is_wrong: bool


def called_by(say: Voice, escalation: Escalation | None, known: CustomerCard) -> tuple[NamedReason, ...]:
    """What brought them before a human, the weightiest first; every figure can be found in the rows."""
    if escalation is None:
        return ()
    wrong = {each.code for each in known.wrong_reasons if each.escalation_id == escalation.id}
    return tuple(
        NamedReason(
            escalation.id, reason["code"], _called(say, reason, reason["code"] in wrong), reason["code"] in wrong
        )
        for reason in sorted(escalation.reasons, key=lambda r: -r["weight"])
    )


def _called(say: Voice, reason: Mapping[str, object], is_wrong: bool) -> str:
    facts = reason["facts"]
    text = say(f"reason.{reason['code']}", **(facts if isinstance(facts, dict) else {}))
    return say("card.reason.wrong", reason=text) if is_wrong else text


def risk_of(known: CustomerCard, say: Voice) -> ServiceRisk | None:
    """The service risk as the card's own rows show it."""
    risk = known.standing.risk if known.standing else None
    return service_risk(risk, signals_in(known.matters, known.lately, say.now))


def weighed(known: CustomerCard, service: ServiceRisk | None, policy: Policy) -> tuple[Weighed, ...]:
    """What orders and service say, with each part's weight in the queue as the shop has set it."""
    return explained(known.standing, service, Pull(policy.queue.value, policy.queue.risk))


def why(say: Voice, found: Iterable[Weighed]) -> tuple[str, ...]:
    """One sentence, and the weight of each part that has one, of 100."""
    found = tuple(found)
    shares = [say(f"card.weight.{f.reason.code}", weight=weight) for f in found if (weight := round(100 * f.weight))]
    weights = [say("card.weights", weights=" · ".join(shares))] if shares else []
    return (sentence(say, found), *weights) if found else ()


def sentence(say: Voice, found: Iterable[Weighed]) -> str:
    first, *others = (_said(say, each.reason) for each in found)
    text = first
    for other in others:
        text = say("card.why.joined", first=text, second=other[:1].lower() + other[1:])
    return text


def service_line(say: Voice, service: ServiceRisk | None) -> tuple[str, ...]:
    """Without a figure for customers with too little history: half of it would be an assumption."""
    if service is None:
        return ()
    if not service.is_base_known:
        return (say("card.service_risk.raised"),)
    return (say("card.service_risk", risk=f"{service.risk:.0%}"),)


def _said(say: Voice, reason: Reason) -> str:
    if reason.code in TODAY and not reason.figures["days"]:
        return say(f"reason.{reason.code}.today")
    return say(f"reason.{reason.code}", **_shown(reason.figures))


def _shown(figures: Mapping[str, float]) -> dict[str, object]:
    shown: dict[str, object] = {name: f"{v:g}" if isinstance(v, float) else v for name, v in figures.items()}
    if "share" in shown:
        shown["share"] = f"{shown['share']} %"
    return shown
