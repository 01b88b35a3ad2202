"""The order of the human queue: worth and danger multiply the minutes waited; who waits too long goes first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Coefficients:
    """The weights an admin may set. `head_start` is in minutes: it lets worth count from the first second on."""

    value: float = 3
    risk: float = 2
    urgent: float = 1
    head_start: float = 5


DEFAULT = Coefficients()


@dataclass(frozen=True, slots=True)
class PriorityFacts:
    """Value percentile 0..100, risk of silence and service risk 0..1; None is unknown and counts as 0."""

    waited: timedelta
    value_percentile: float | None = None
    risk: float | None = None
    service_risk: float | None = None
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Waiting(Generic[Key]):
    """Somebody in the queue, known to the caller by `key`."""

    key: Key
    arrived_at: datetime
    value_percentile: float | None = None
    risk: float | None = None
    service_risk: float | None = None
    urgent: bool = False

    def facts(self, now: datetime) -> PriorityFacts:
        return PriorityFacts(now - self.arrived_at, self.value_percentile, self.risk, self.service_risk, self.urgent)


def priority(facts: PriorityFacts, coefficients: Coefficients = DEFAULT) -> float:
    """(1 + 3v)(1 + 2r)(1 + u)(5 + minutes waited), v the value percentile / 100, r the larger of the two risks."""
    value = (facts.value_percentile or 0) / 100
    risk = max(facts.risk or 0, facts.service_risk or 0)
    minutes = max(facts.waited, timedelta(0)) / timedelta(minutes=1)
    return (
        (1 + coefficients.value * value)
        * (1 + coefficients.risk * risk)
        * (1 + coefficients.urgent * facts.urgent)
        * (coefficients.head_start + minutes)
    )


def order(
    items: Iterable[Waiting[Key]], now: datetime, bound: timedelta, coefficients: Coefficients = DEFAULT
) -> list[Waiting[Key]]:
    """First to be served first: those who have waited longer than `bound`, then the others; each by priority, the
    higher first, ties by arrival."""

    def place(item: Waiting[Key]) -> tuple[bool, float, datetime]:
        facts = item.facts(now)
        return facts.waited <= bound, -priority(facts, coefficients), item.arrived_at

    return sorted(items, key=place)
