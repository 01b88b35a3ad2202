"""How far the card's risk can be trusted and how close the next tier is, by what was last found out about the shop
(support.judging.evaluating)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from analytics.evaluation import Trust
from analytics.upgrades import Step, candidate
from crm_store.card import CustomerCard
from support.agents.voice import Voice

ACTED_ON = "order_days"
"""The one thing that those who climbed did differently that an agent can bring about."""


def risk_trust(evaluation: Mapping[str, Any] | None) -> Trust | None:
    """None in a shop whose scores were never put to the test."""
    if evaluation is None:
        return None
    tested = evaluation["back_test"]
    return Trust(tested["risk"]["trust"]) if tested else Trust.TOO_LITTLE


def trusted(say: Voice, risk: str, evaluation: Mapping[str, Any] | None) -> str:
    grade = risk_trust(evaluation)
    return say("card.trusted", text=risk, trust=say(f"trust.{grade.value}")) if grade else risk


def upgrade(say: Voice, known: CustomerCard) -> Sequence[str]:
    """Of somebody close below the next tier; of all others nothing."""
    standing = known.standing
    climbs = known.evaluation["climbs"] if known.evaluation else ()
    climb = next((each for each in climbs if standing and each["step"]["tier"] == standing.tier), None)
    if standing is None or climb is None:
        return ()
    found = candidate(known.id, standing.value, Step(**climb["step"]))
    if found is None:
        return ()
    missing = say.money(Decimal(str(round(found.missing, 2))), standing.currency)
    line = say("card.upgrade", missing=missing, tier=say(f"tier.{found.step.target}"))
    return (_with_lesson(say, line, climb["lessons"]),)


def _with_lesson(say: Voice, line: str, lessons: Sequence[Mapping[str, Any]]) -> str:
    lesson = next((each for each in lessons if each["feature"] == ACTED_ON), None)
    if lesson is None:
        return line
    climbed, stayed = f"{lesson['movers_mean']:.1f}", f"{lesson['stayers_mean']:.1f}"
    return say("card.upgrade.order_days", text=line, climbed=climbed, stayed=stayed)
