"""Why a customer stands elsewhere than before, from what stood, what stands and the shop's borders. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from analytics.stages import Stage
from analytics.tiers import TIERS, tier_of


class Because(StrEnum):
    """The first that holds, in this order."""

    MERGED = "merged"  # two records became one or were taken apart again, so other orders are theirs
    FIRST = "first"  # never judged before
    ORDER = "order"  # there are more orders than before
    CORRECTED = "corrected"  # there are fewer, or the same come to more: the shop's rows were changed
    REFUND = "refund"  # the same orders come to less
    INTEREST = "interest"  # without an order: asked about products, or came back
    RULES = "rules"  # under the former tier limits they would stand in the former tier
    SILENCE = "silence"  # they have not ordered for longer
    OTHERS = "others"  # their own figures would not have moved them; others' orders moved the borders


@dataclass(frozen=True, slots=True)
class Stood:
    """Where somebody stands, and the figures by which. `tier` and `segment` are None without an order."""

    tier: str | None
    stage: str
    at_risk: bool
    segment: str | None
    orders: int
    value: float
    total: float

    @property
    def place(self) -> tuple[str | None, str, bool, str | None]:
        return self.tier, self.stage, self.at_risk, self.segment


@dataclass(frozen=True, slots=True)
class Borders:
    """The least value in each tier but the last: as they are now, and as the former tier limits would have them if
    those have been changed. `merged` are customers whose records were merged or taken apart since they were judged."""

    now: Sequence[float]
    by_former_limits: Sequence[float] | None = None
    merged: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """`facts` fill the sentence that an agent reads."""

    code: Because
    facts: dict[str, Any] = field(default_factory=dict)


def cause(
    former: Stood | None, now: Stood, days_silent: int | None, borders: Borders, *, is_merged: bool = False
) -> Cause:
    """Of a customer whose place has changed. `days_silent` is None for somebody who has not ordered; `is_merged` says
    that since `former` their record was merged with another, or taken apart from it."""
    if former is None:
        return Cause(Because.MERGED if is_merged else Because.FIRST, {"orders": now.orders})
    return _by_orders(former, now, is_merged=is_merged) or _by_time(former, now, days_silent, borders)


def _by_orders(former: Stood, now: Stood, *, is_merged: bool) -> Cause | None:
    """None if they have the same orders as before, as far as that shows."""
    orders = {"orders": now.orders, "before": former.orders}
    is_same = _in_cents(now.total) == _in_cents(former.total)
    if now.orders == former.orders and is_same:
        return None
    if is_merged:
        return Cause(Because.MERGED, orders)
    if now.orders != former.orders:
        return Cause(Because.ORDER if now.orders > former.orders else Because.CORRECTED, orders)
    code = Because.REFUND if now.total < former.total else Because.CORRECTED
    return Cause(code, {"total": now.total, "before": former.total})


def _in_cents(total: float) -> int:
    """Sums of the same amounts in another order differ in their last bits."""
    return round(total * 100)


def _by_time(former: Stood, now: Stood, days_silent: int | None, borders: Borders) -> Cause:
    if not now.orders:
        return Cause(Because.INTEREST if now.stage == Stage.CONSIDERATION else Because.SILENCE)
    if borders.by_former_limits and tier_at(now.value, borders.by_former_limits) == former.tier != now.tier:
        return Cause(Because.RULES)
    if _fell_silent(former, now, borders):
        return Cause(Because.SILENCE, {"days": days_silent})
    return Cause(Because.OTHERS)


def _fell_silent(former: Stood, now: Stood, borders: Borders) -> bool:
    """In danger now, given up, or in a lower tier into which their former worth would not have brought them."""
    if (now.at_risk and not former.at_risk) or (now.stage == Stage.CHURN != former.stage):
        return True
    return now.tier != former.tier and now.value < former.value and tier_at(former.value, borders.now) != now.tier


def tier_at(value: float, bounds: Sequence[float]) -> str:
    return str(TIERS[tier_of(value, bounds)])
