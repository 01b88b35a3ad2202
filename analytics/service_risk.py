"""How much what happens between a customer and the shop's service adds to the risk that they leave.

In log-odds: logit(base) + Σ weights, where the base is the risk that the orders show. A flag of its own: whoever buys
as ever may still be about to leave over an open complaint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Literal

SignalCode = Literal["open_complaint", "overdue_ticket", "repeated_contact", "negative_words"]

WEIGHTS: Mapping[SignalCode, float] = {
    "open_complaint": log(2.5),
    "overdue_ticket": log(2.5),
    "repeated_contact": log(1.5),
    "negative_words": log(1.5),
}
"""Log odds ratios, set by judgement below what was measured elsewhere (about 4 for an open complaint). Low ratings and
returns are not signals: what was measured of them points either way, so their weight would be 0.
"""

UNANSWERED: frozenset[SignalCode] = frozenset({"open_complaint", "overdue_ticket"})
"""Both say that something of the customer's lies with us; together they count once."""

CAP = log(4)
"""The most that all signals add: the odds ratio measured for the strongest of them, as they are seldom independent."""

DEFAULT_BASE = 0.3
"""Of customers without a known risk: so that an open complaint or an overdue ticket alone just passes one half, where
the policy's default calls a human, and passing signs do not. Far more of them go silent than that, but with too little
history to say who, so they must not stand before a customer whose risk is known to be high.
"""

NEAR_ZERO = 1e-6


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that is the case now: open_complaint and overdue_ticket {days: full days since}, repeated_contact and
    negative_words {count: of reopenings, sessions or failed answers; of messages}."""

    code: SignalCode
    figures: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A signal with what it adds to the log-odds; 0 for one that another of the same kind outweighs."""

    signal: Signal
    weight: float


@dataclass(frozen=True, slots=True)
class ServiceRisk:
    """`risk` 0..1 is base and parts together. `base` is the customer's own only if `is_base_known`; else the figure is
    good for comparing and not to be told.
    """

    risk: float
    base: float
    is_base_known: bool
    parts: tuple[Part, ...]


def service_risk(risk: float | None, signals: Iterable[Signal]) -> ServiceRisk | None:
    """With `risk` 0..1, None if there is too little history; None where nothing is amiss."""
    parts = _capped(_weighed(sorted(signals, key=lambda signal: tuple(WEIGHTS).index(signal.code))))
    if not parts:
        return None
    base = DEFAULT_BASE if risk is None else risk
    odds = _odds(base) * exp(sum(part.weight for part in parts))
    return ServiceRisk(odds / (1 + odds), base, risk is not None, parts)


def _weighed(signals: Iterable[Signal]) -> tuple[Part, ...]:
    parts: dict[SignalCode, Part] = {}
    for signal in signals:
        is_counted = signal.code in UNANSWERED and not UNANSWERED.isdisjoint(parts)
        parts.setdefault(signal.code, Part(signal, 0.0 if is_counted else WEIGHTS[signal.code]))
    return tuple(parts.values())


def _capped(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """All in proportion, so that the parts still add up to the whole."""
    total = sum(part.weight for part in parts)
    return tuple(Part(part.signal, part.weight * CAP / total) for part in parts) if total > CAP else parts


def _odds(risk: float) -> float:
    within = min(max(risk, NEAR_ZERO), 1 - NEAR_ZERO)
    return within / (1 - within)
