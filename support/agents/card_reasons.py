"""Why a customer stands where they stand and why a person is needed, as lines of their card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics.reasons import Reason
from analytics.service_risk import ServiceRisk, service_risk
from analytics.weighing import Place, Pull, Weighed, explained
from crm_store.card import CustomerCard
from crm_store.models import Escalation
from support.agents.placing import place_of
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
    return service_risk(risk, signals_in(known.matters, known.lately, say.now, say.zone))


def weighed(
    known: CustomerCard, service: ServiceRisk | None, policy: Policy, escalation: Escalation | None = None
) -> tuple[Weighed, ...]:
    """What orders and service say, with each part's weight in the queue: where they stand now, else where they would
    if they came now. `escalation` is the one under way as a unit sees it.
    """
    queue = policy.queue
    place = _place(known, policy, escalation) or _place_if_now(known, service, policy)
    return explained(known.standing, service, place, Pull(queue.value, queue.risk, queue.urgent))


def _place(known: CustomerCard, policy: Policy, escalation: Escalation | None) -> Place | None:
    stored = next((matter for matter in reversed(known.matters) if matter.is_under_way), None)
    under_way, id_ = (escalation, escalation.id) if escalation else (stored, stored and stored.escalation_id)
    if under_way is None:
        return None
    wrong = {each.code for each in known.wrong_reasons if each.escalation_id == id_}
    return place_of(under_way, _tier(known), policy, wrong)


def _place_if_now(known: CustomerCard, service: ServiceRisk | None, policy: Policy) -> Place:
    is_raised = service is not None and service.risk >= policy.escalation.service_risk
    return Place(
        percentile=known.standing.percentile if known.standing else None,
        risk=known.standing.risk if known.standing else None,
        service=service if is_raised else None,
        tier_weight=policy.serves(_tier(known)).queue_weight,
    )


def _tier(known: CustomerCard) -> str | None:
    return known.standing.tier if known.standing else None


def why(say: Voice, found: Iterable[Weighed]) -> tuple[str, ...]:
    """One sentence, and the weight of each part that has one, of 100 where their signs are left out."""
    found = tuple(found)
    shares = [say(f"card.weight.{f.reason.code}", weight=weight) for f in found if (weight := round(100 * f.weight))]
    weights = [say("card.weights", weights=" · ".join(shares))] if shares else []
    return tuple(line for line in (sentence(say, found), *weights) if line)


def sentence(say: Voice, found: Iterable[Weighed]) -> str:
    """Empty where there is nothing to say."""
    text = ""
    for other in (_said(say, each.reason) for each in found if each.is_said):
        text = say("card.why.joined", first=text, second=other[:1].lower() + other[1:]) if text else other
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
