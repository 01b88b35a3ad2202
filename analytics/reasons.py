"""Why a customer stands where they stand, as plain data that each language turns into a sentence.

English, for instance: "Top 1 % by spend; usually orders every 21 days; silent for 70 (3.3×)".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal, Protocol

TOP_SHARE_WORTH_SAYING = 20  # percent: the three upper tiers
FINE_GAP_DAYS = 10  # below it a rhythm is told with one decimal, so that the ratio beside it can be checked

Code = Literal["top_spend", "too_little_history", "rhythm", "silent"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its figures: top_spend {share: percent}, too_little_history {orders}, rhythm {usual: days} or
    silent {days, usual: days, ratio: silence in usual gaps}."""

    code: Code
    figures: Mapping[str, float]


class Figures(Protocol):
    """The part of a customer's score that the reasons speak of, a scoring row or a stored one."""

    @property
    def spend_percentile(self) -> float | None: ...
    @property
    def order_count(self) -> int: ...
    @property
    def days_silent(self) -> int | None: ...
    @property
    def usual_gap_days(self) -> float | None: ...


def reasons(figures: Figures) -> tuple[Reason, ...]:
    """The reasons, spend first, that hold for these figures; each figure can be derived from the customer's orders."""
    return (*_spend(figures.spend_percentile), *_habit(figures))


def _spend(percentile: float | None) -> tuple[Reason, ...]:
    if percentile is None:
        return ()
    share = max(1, ceil(100 - percentile))
    return (Reason("top_spend", {"share": share}),) if share <= TOP_SHARE_WORTH_SAYING else ()


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
