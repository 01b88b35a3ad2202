"""How close the next tier is, what a climb is expected to bring, and what those who climbed did: by the steps that
`evaluate` last kept (support.judging.evaluating)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from analytics.segments.movers import Distinction
from analytics.upgrades import Candidate, Step, candidate
from crm_store.card import CustomerCard
from support.agents.voice import Voice

MONEY = "total"
"""The feature that is an amount of money."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """`lessons` are the clear ones, the strongest first."""

    candidate: Candidate
    lessons: tuple[Distinction, ...]


def upgrade_of(known: CustomerCard) -> Upgrade | None:
    """Of somebody close below the next tier; of all others nothing."""
    standing = known.standing
    climbs = known.evaluation["climbs"] if known.evaluation else ()
    climb = next((each for each in climbs if standing and each["step"]["tier"] == standing.tier), None)
    if standing is None or climb is None:
        return None
    found = candidate(known.id, standing.value, Step(**climb["step"]))
    lessons = sorted((Distinction(**lesson) for lesson in climb["lessons"]), key=lambda each: -abs(each.value))
    return Upgrade(found, tuple(lessons)) if found else None


def upgrade(say: Voice, known: CustomerCard) -> Sequence[str]:
    found = upgrade_of(known)
    if found is None or known.standing is None:
        return ()
    one, currency = found.candidate, known.standing.currency
    below = say("card.upgrade", missing=_money(say, one.missing, currency), tier=say(f"tier.{one.step.target}"))
    known_gain = None if one.expected_gain is None else _money(say, one.expected_gain, currency)
    gain = say("card.upgrade.gain", text=below, gain=known_gain or say("card.upgrade.gain.unknown"))
    return (gain, *(_lesson(say, each, currency) for each in found.lessons[:1]))


def _lesson(say: Voice, lesson: Distinction, currency: str | None) -> str:
    climbed, stayed = (
        _money(say, mean, currency) if lesson.feature == MONEY else f"{mean:.1f}"
        for mean in (lesson.movers_mean, lesson.stayers_mean)
    )
    return say("card.upgrade.lesson", what=say(f"lesson.{lesson.feature}"), climbed=climbed, stayed=stayed)


def _money(say: Voice, amount: float, currency: str | None) -> str:
    return say.money(Decimal(f"{amount:.2f}"), currency)
