"""Value, risk, tier and stage of customers whose histories and shop are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.customer_score import CustomerScore
from analytics.histories import Histories
from analytics.order_columns import EPOCH
from analytics.purchases import Floats, evidence
from analytics.rfm import RFM_SEGMENTS, Rfm, rfm
from analytics.scale import percentiles
from analytics.shop_model import ShopModel
from analytics.silence import gaps_silent, own_gaps
from analytics.stages import STAGES, Standings, are_at_risk, stages_after_order
from analytics.tiers import TIERS, pyramid, tiers_of


@dataclass(frozen=True, slots=True)
class Estimates:
    """Looking ahead over the shop's horizon. `risk` is there for everybody, though it says little of customers with one
    order day and is not to be told of them.
    """

    value: Floats
    risk: Floats
    expected_orders: Floats


@dataclass(frozen=True, slots=True)
class Placing:
    """Where customers stand among all of the shop's: percentiles of value and total, places in TIERS, and ranks."""

    percentile: Floats
    spend_percentile: Floats
    tier: NDArray[np.int8]
    rank: NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Judgements:
    """Equally long columns in the order of `people`. `usual_gap` is not a number for customers with one order day, who
    have none; `stage` holds places in STAGES.
    """

    people: Histories
    estimates: Estimates
    placing: Placing
    rfm: Rfm
    days_silent: NDArray[np.int64]
    usual_gap: Floats
    stage: NDArray[np.int8]
    at_risk: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.people)

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[CustomerScore]:
        """Some or all of them. The columns take a fraction of the memory that all rows would."""
        columns = self.columns(start, stop)
        return map(CustomerScore._make, zip(*(columns[name] for name in CustomerScore._fields), strict=True))

    def columns(self, start: int = 0, stop: int | None = None) -> dict[str, list[Any]]:
        """The same by the names of CustomerScore."""
        part = slice(start, stop)
        people, known = self.people, self.people.days[part] > 1
        gap, silent = self.usual_gap[part], self.days_silent[part]
        return {
            "customer_id": people.customer_id[part].tolist(),
            "value": self.estimates.value[part].tolist(),
            "percentile": self.placing.percentile[part].tolist(),
            "tier": TIERS[self.placing.tier[part]].tolist(),
            "rank": [None] * len(silent) if self.placing.rank is None else self.placing.rank[part].tolist(),
            "risk": _if_known(self.estimates.risk[part], known),
            "expected_orders": self.estimates.expected_orders[part].tolist(),
            "stage": STAGES[self.stage[part]].tolist(),
            "at_risk": self.at_risk[part].tolist(),
            "r": self.rfm.recency[part].tolist(),
            "f": self.rfm.frequency[part].tolist(),
            "m": self.rfm.money[part].tolist(),
            "segment": RFM_SEGMENTS[self.rfm.segment[part]].tolist(),
            "spend_percentile": self.placing.spend_percentile[part].tolist(),
            "order_count": people.orders[part].tolist(),
            "order_days": people.days[part].tolist(),
            "first_order": _dates(people.first[part]),
            "last_order": _dates(people.last[part]),
            "days_silent": silent.tolist(),
            "usual_gap_days": _if_known(gap, known),
            "silence_ratio": _if_known(silent / gap, known),
            "total": people.total[part].tolist(),
            "cost": people.cost[part].tolist(),
            "uncosted": people.uncosted[part].tolist(),
            "left_out": people.left_out[part].tolist(),
            "decayed": people.decayed[part].tolist(),
        }


def _if_known(figures: Floats, known: NDArray[np.bool_]) -> list[float | None]:
    return [figure if is_known else None for figure, is_known in zip(figures.tolist(), known.tolist(), strict=True)]


def _dates(ordinals: NDArray[np.int64]) -> list[date]:
    days: list[date] = (ordinals - EPOCH).astype("datetime64[D]").tolist()
    return days


def judged(people: Histories, shop: ShopModel, as_of: date) -> Judgements:
    """Of all customers of the shop, with exact percentiles and ranks. `as_of` is before nobody's last order."""
    estimates = estimated(people, shop, as_of.toordinal())
    return concluded(people, shop, as_of.toordinal(), estimates, _placed(people, estimates.value, shop))


def _placed(people: Histories, value: Floats, shop: ShopModel) -> Placing:
    order = np.argsort(value)
    percentile, tiers = percentiles(value, order), pyramid(value, order, shop.limits)
    return Placing(percentile, percentiles(people.total, np.argsort(people.total)), tiers.tier, tiers.rank)


def judged_alone(people: Histories, shop: ShopModel, as_of: date) -> Judgements:
    """Of some customers, placed by what the night found of the shop, without ranks. `as_of` is before nobody's last
    order.

    Whoever has not changed since that night stands where it put them, but for equal values: see tier_bounds.
    """
    estimates = estimated(people, shop, as_of.toordinal())
    placing = Placing(
        percentile=shop.values.percentiles(estimates.value),
        spend_percentile=shop.totals.percentiles(people.total),
        tier=tiers_of(estimates.value, shop.tier_bounds),
        rank=None,
    )
    return concluded(people, shop, as_of.toordinal(), estimates, placing)


def estimated(people: Histories, shop: ShopModel, as_of: int) -> Estimates:
    """As of a day, date.toordinal()."""
    known = evidence(people, shop.rates, as_of)
    expected = known.expected(shop.horizon_days)
    return Estimates(shop.worth.value(people, expected), known.silence(shop.horizon_days), expected)


def concluded(people: Histories, shop: ShopModel, as_of: int, estimates: Estimates, placing: Placing) -> Judgements:
    """From what lies ahead of customers and where they stand among all."""
    silent = as_of - people.last
    gaps = gaps_silent(people, silent.astype(np.float64), shop.usual_gap_days)
    standings = Standings(people.days, placing.percentile, gaps, estimates.risk)
    return Judgements(
        people=people,
        estimates=estimates,
        placing=placing,
        rfm=rfm(people, shop.rfm),
        days_silent=silent,
        usual_gap=own_gaps(people),
        stage=stages_after_order(standings),
        at_risk=are_at_risk(standings),
    )
