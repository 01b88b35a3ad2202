"""How long is long: a customer's silence against their own rhythm and against the shop's."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from analytics.histories import History

PRIOR_GAPS = 2  # the shop's rhythm counts as so many gaps beside the customer's own


@dataclass(frozen=True, slots=True)
class ShopRhythm:
    """All days between the order days of the shop's customers, sorted, and the usual customer's mean gap.

    `usual_gap_days` is None while nobody has ordered twice.
    """

    gaps: Sequence[int]
    usual_gap_days: float | None

    @classmethod
    def of(cls, histories: Iterable[History], gaps: Sequence[int]) -> "ShopRhythm":
        own = [history.gap_days for history in histories if history.gap_days is not None]
        return cls(gaps, median(own) if own else None)

    def gaps_silent(self, history: History, days_silent: int) -> float | None:
        """The silence in this customer's gaps, drawn towards the shop's as if PRIOR_GAPS of those had been seen too."""
        if self.usual_gap_days is None:
            return None
        span = (history.last - history.first).days + PRIOR_GAPS * self.usual_gap_days
        return days_silent * (history.days - 1 + PRIOR_GAPS) / span

    def risk(self, history: History, days_silent: int) -> float | None:
        """The share, 0..1, of the shop's gaps that were shorter than this silence.

        None, too little history, for one order day: such customers can hardly be ranked by any model.
        """
        return None if history.days == 1 else bisect_left(self.gaps, days_silent) / len(self.gaps)
