"""How much each reason counts: its share of what moves somebody towards the head of the queue.

The queue multiplies the minutes waited by (1 + value × percentile / 100) × (1 + risk × the larger risk) × (1 + urgent)
× the tier's weight, so a share is one of the logarithm.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import log, log1p

from analytics.reasons import HABIT, WORTH, Code, Figures, Reason, reasons
from analytics.service_risk import ServiceRisk


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reason and its weight: its share (−1..1) of the pull; all but their signs add up to 1, or to 0 where nothing
    pulls. A tier that is served later than others pulls backwards. `is_said`: it belongs into the sentence; what does
    not has no figures.
    """

    reason: Reason
    weight: float
    is_said: bool = True


@dataclass(frozen=True, slots=True)
class Pull:
    """The coefficients of the queue."""

    value: float
    risk: float
    urgent: float


@dataclass(frozen=True, slots=True)
class Place:
    """What orders somebody in the queue beside the minutes waited: percentile of value 0..100, risk 0..1, the service
    risk that was raised. What is not known is None.
    """

    percentile: float | None = None
    risk: float | None = None
    service: ServiceRisk | None = None
    urgent: bool = False
    tier_weight: float = 1.0


def explained(figures: Figures | None, service: ServiceRisk | None, place: Place, pull: Pull) -> tuple[Weighed, ...]:
    """All that holds for a customer with its weight in the queue: worth first, then the orders' rhythm, then the
    service's part; at last what moves them and is in no sentence.
    """
    said = [*(reasons(figures) if figures else ()), *_signals(service)]
    codes = [reason.code for reason in said]
    pulls = dict(_pulls(codes, place, pull))
    total = sum(map(abs, pulls.values())) or 1.0
    told = [Weighed(reason, pulls.get(reason.code, 0.0) / total) for reason in said]
    beside = [(code, each / total) for code, each in pulls.items() if each and code not in codes]
    return (*told, *(Weighed(Reason(code, {}), weight, is_said=False) for code, weight in beside))


def _signals(service: ServiceRisk | None) -> Iterator[Reason]:
    for part in service.parts if service else ():
        yield Reason(part.signal.code, part.signal.figures)


def _pulls(said: Collection[Code], place: Place, pull: Pull) -> Iterator[tuple[Code, float]]:
    """Worth and risk count under the reason that tells of them."""
    yield next((code for code in said if code in WORTH), WORTH[0]), log1p(pull.value * (place.percentile or 0) / 100)
    yield next((code for code in said if code in HABIT), HABIT[0]), log1p(pull.risk * (place.risk or 0))
    yield from _of_service(place, pull)
    yield "urgent", log1p(pull.urgent * place.urgent)
    yield "tier", log(place.tier_weight)


def _of_service(place: Place, pull: Pull) -> Iterator[tuple[Code, float]]:
    """What the service's signals add to the pull, split as they share in the log-odds."""
    if place.service is None:
        return
    known = place.risk or 0.0
    added = log1p(pull.risk * max(place.service.risk, known)) - log1p(pull.risk * known)
    total = sum(part.weight for part in place.service.parts)
    for part in place.service.parts:
        yield part.signal.code, added * part.weight / total
