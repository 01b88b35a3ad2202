"""Why a customer stands where they stand, as plain data that each language turns into a sentence.

English, for instance: "Top 1 % by spend; usually orders every 21 days; silent for 70 (3.3×); complaint open for 4
days".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, Literal, Protocol

from analytics.service_risk import SignalCode

TOP_SHARE_WORTH_SAYING = 20  # percent: the three upper tiers
FINE_GAP_DAYS = 10  # below it a rhythm is told with one decimal

Worth = Literal["expected_worth", "top_spend"]
Habit = Literal["silent", "rhythm", "too_little_history"]
Code = Worth | Habit | SignalCode | Literal["urgent", "tier"]

WORTH: Final[tuple[Worth, ...]] = ("expected_worth", "top_spend")
HABIT: Final[tuple[Habit, ...]] = ("silent", "rhythm", "too_little_history")


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its figures: top_spend {share: percent}, expected_worth {above: percent of customers expected to be
    worth less}, too_little_history {orders}, rhythm {usual: days}, silent {days, usual: days, ratio: days by usual as
    told, so that it can be checked}, or a signal of analytics.service_risk. Of urgent and tier there are none."""

    code: Code
    figures: Mapping[str, float]


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


def reasons(figures: Figures) -> tuple[Reason, ...]:
    """The reasons, spend first, that hold for these figures; each figure can be derived from the customer's orders."""
    return (*_worth(figures), *_habit(figures))


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
    if silent <= usual:
        return (Reason("rhythm", {"usual": usual}),)
    return (Reason("silent", {"days": silent, "usual": usual, "ratio": round(silent / usual, 1)}),)
