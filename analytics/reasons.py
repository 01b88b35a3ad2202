"""Why a customer stands where they stand, as plain data that each language turns into a sentence.

English, for instance: "Top 1 % by spend; usually orders every 21 days; silent for 70 (3.3×); complaint open for 4
days".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, log1p
from typing import Literal, Protocol

from analytics.service_risk import ServiceRisk, SignalCode

TOP_SHARE_WORTH_SAYING = 20  # percent: the three upper tiers
FINE_GAP_DAYS = 10  # below it a rhythm is told with one decimal, so that the ratio beside it can be checked

Code = Literal["top_spend", "expected_worth", "too_little_history", "rhythm", "silent"] | SignalCode


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its figures: top_spend {share: percent}, expected_worth {above: percent of customers expected to be
    worth less}, too_little_history {orders}, rhythm {usual: days}, silent {days, usual: days, ratio: silence in usual
    gaps}, or a signal of analytics.service_risk."""

    code: Code
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A reason and its weight: which share (0..1) of the pull towards the head of the queue comes from it."""

    reason: Reason
    weight: float


@dataclass(frozen=True, slots=True)
class Pull:
    """How far the queue moves somebody forward: (1 + value × percentile / 100) × (1 + risk × the larger risk)."""

    value: float
    risk: float


class Figures(Protocol):
    """The part of a customer's score that the reasons speak of, a scoring row or a stored one."""

    @property
    def percentile(self) -> float | None: ...
    @property
    def spend_percentile(self) -> float | None: ...
    @property
    def risk(self) -> float | None: ...
    @property
    def order_count(self) -> int: ...
    @property
    def days_silent(self) -> int | None: ...
    @property
    def usual_gap_days(self) -> float | None: ...


def explained(figures: Figures | None, service: ServiceRisk | None, pull: Pull) -> tuple[Weighed, ...]:
    """All that holds for a customer with its weight: worth first, then the orders' rhythm, then the service's part.

    The queue multiplies, so the weights are shares of the logarithm and add up to 1, or to 0 where nothing pulls.
    """
    found = [*(_of_orders(figures, pull) if figures else ()), *_of_service(figures, service, pull)]
    total = sum(part.weight for part in found)
    return tuple(Weighed(part.reason, part.weight / total if total else 0.0) for part in found)


def reasons(figures: Figures) -> tuple[Reason, ...]:
    """The reasons, spend first, that hold for these figures; each figure can be derived from the customer's orders."""
    return (*_worth(figures), *_habit(figures))


def _of_orders(figures: Figures, pull: Pull) -> list[Weighed]:
    """Orders speak of worth and of risk, each in one reason at the most."""
    worth = [Weighed(reason, log1p(pull.value * (figures.percentile or 0) / 100)) for reason in _worth(figures)]
    habit = [Weighed(reason, log1p(pull.risk * (figures.risk or 0))) for reason in _habit(figures)]
    return worth + habit


def _of_service(figures: Figures | None, service: ServiceRisk | None, pull: Pull) -> list[Weighed]:
    """What the service's signals add to the pull, split as they share in the log-odds."""
    if service is None:
        return []
    known = (figures.risk if figures else None) or 0.0
    added = log1p(pull.risk * max(service.risk, known)) - log1p(pull.risk * known)
    total = sum(part.weight for part in service.parts)
    return [Weighed(Reason(p.signal.code, p.signal.figures), added * p.weight / total) for p in service.parts]


def _worth(figures: Figures) -> tuple[Reason, ...]:
    """Past spend where it is worth a word, else what the customer is expected to be worth."""
    if figures.spend_percentile is not None:
        share = max(1, ceil(100 - figures.spend_percentile))
        if share <= TOP_SHARE_WORTH_SAYING:
            return (Reason("top_spend", {"share": share}),)
    above = floor(figures.percentile or 0)
    return (Reason("expected_worth", {"above": above}),) if above else ()


def _habit(figures: Figures) -> tuple[Reason, ...]:
    gap, silent = figures.usual_gap_days, figures.days_silent
    if silent is None:
        return ()
    if gap is None:
        return (Reason("too_little_history", {"orders": figures.order_count}),)
    usual = round(gap, 1) if gap < FINE_GAP_DAYS else round(gap)
    if silent <= gap:
        return (Reason("rhythm", {"usual": usual}),)
    return (Reason("silent", {"days": silent, "usual": usual, "ratio": round(silent / gap, 1)}),)
