"""What a shop's orders say of its customers as a whole: learnt nightly, kept as plain data, and enough to judge one of
them in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from analytics.fitting import fitted
from analytics.histories import Histories, histories
from analytics.order_days import OrderDays
from analytics.orders import Orders
from analytics.purchases import Rates, evidence
from analytics.rfm import RfmEdges
from analytics.scale import Scale
from analytics.silence import usual_gap
from analytics.tiers import TierLimits, tier_bounds
from analytics.worth import Worth


class ShopModelError(ValueError):
    """Stored data that no shop model can be made of; `field` is what is missing or wrong."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"{field}: missing from the stored shop model, or of the wrong kind")


@dataclass(frozen=True, slots=True)
class ShopModel:
    """As of a day, for a horizon. `usual_gap_days` is None while nobody has ordered on two days; `tier_bounds` is from
    which value on somebody is in each tier but the last; `values` and `totals` say which percentile a figure is at.
    """

    as_of: date
    horizon_days: int
    currency: str | None
    customers: int
    rates: Rates
    worth: Worth
    usual_gap_days: float | None
    limits: TierLimits
    tier_bounds: tuple[float, ...]
    values: Scale
    totals: Scale
    rfm: RfmEdges

    def as_data(self) -> dict[str, Any]:
        """For JSON; about 40 kB."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> ShopModel:
        """What `as_data` gave, also by way of JSON. Raises ShopModelError."""
        try:
            return cls(
                as_of=date.fromisoformat(data["as_of"]),
                horizon_days=data["horizon_days"],
                currency=data["currency"],
                customers=data["customers"],
                rates=Rates(**data["rates"]),
                worth=Worth(**data["worth"]),
                usual_gap_days=data["usual_gap_days"],
                limits=TierLimits(**data["limits"]),
                tier_bounds=tuple(data["tier_bounds"]),
                values=Scale(tuple(data["values"]["marks"])),
                totals=Scale(tuple(data["totals"]["marks"])),
                rfm=RfmEdges(**{name: tuple(edges) for name, edges in data["rfm"].items()}),
            )
        except KeyError as error:
            raise ShopModelError(str(error.args[0])) from error
        except TypeError as error:
            raise ShopModelError(str(error)) from error


def learnt(orders: Orders, as_of: date, horizon_days: int, limits: TierLimits) -> tuple[ShopModel, Histories]:
    """The model of a shop as of a day, and the customers' histories that it was learnt from.

    `orders` are those by that day. The rates are fitted on an earlier day of the shop's own.
    """
    today = as_of.toordinal()
    days = OrderDays.of(orders)
    rates = fitted(days, today, horizon_days)
    people = histories(orders, days, rates.decay_days)
    expected = evidence(people, rates, today).expected(horizon_days)
    worth = Worth.of(people, expected)
    values, totals = np.sort(worth.value(people, expected)), np.sort(people.total)
    model = ShopModel(
        as_of=as_of,
        horizon_days=horizon_days,
        currency=orders.currency,
        customers=len(people),
        rates=rates,
        worth=worth,
        usual_gap_days=usual_gap(people),
        limits=limits,
        tier_bounds=tier_bounds(values, limits),
        values=Scale.of(values),
        totals=Scale.of(totals),
        rfm=RfmEdges.of(people, totals),
    )
    return model, people
