"""The order of the human queue: worth and danger multiply the minutes waited; who waits too long goes first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from support.judging.house_rules import DEFAULT, QueueRules

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class PriorityFacts:
    """Value percentile 0..100, risk of silence and service risk 0..1; None is unknown and counts as 0. `weight` is what
    the policy gives to their tier.
    """

    waited: timedelta
    value_percentile: float | None = None
    risk: float | None = None
    service_risk: float | None = None
    urgent: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Key]):
    """Somebody in the queue, known to the caller by `key`."""

    key: Key
    arrived_at: datetime
    value_percentile: float | None = None
    risk: float | None = None
    service_risk: float | None = None
    urgent: bool = False
    weight: float = 1.0

    def facts(self, now: datetime) -> PriorityFacts:
        return PriorityFacts(
            now - self.arrived_at, self.value_percentile, self.risk, self.service_risk, self.urgent, self.weight
        )


def priority(facts: PriorityFacts, coefficients: QueueRules = DEFAULT.policy.queue) -> float:
    """w(1 + 3v)(1 + 2r)(1 + u)(5 + minutes waited), w the tier's weight, v the value percentile / 100, r the larger of
    the two risks.
    """
    value = (facts.value_percentile or 0) / 100
    risk = max(facts.risk or 0, facts.service_risk or 0)
    minutes = max(facts.waited, timedelta(0)) / timedelta(minutes=1)
    return (
        facts.weight
        * (1 + coefficients.value * value)
        * (1 + coefficients.risk * risk)
        * (1 + coefficients.urgent * facts.urgent)
        * (coefficients.head_start + minutes)
    )


def order(
    items: Iterable[Waiting[Key]], now: datetime, bound: timedelta, coefficients: QueueRules = DEFAULT.policy.queue
) -> list[Waiting[Key]]:
    """First to be served first: those who have waited longer than `bound`, then the others; each by priority, the
    higher first, ties by arrival."""

    def place(item: Waiting[Key]) -> tuple[bool, float, datetime]:
        facts = item.facts(now)
        return facts.waited <= bound, -priority(facts, coefficients), item.arrived_at

    return sorted(items, key=place)
