"""What earlier days of the same shops would have chosen: variants of ours, judged on outcomes that were all known by
the day on which the accuracy table is cut. So nothing is tuned to that table.

Prints one table: a row a variant, its figures the means over six cuts 18 days apart, each with 91 days to foresee, the
last of them ending on that day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import nan
from statistics import fmean

import numpy as np
from scipy.optimize import minimize

from analytics.fitting import Window, fitted, window_until
from analytics.histories import Histories, histories
from analytics.order_days import OrderDays
from analytics.orders import Orders
from analytics.purchases import USUAL_RATES, Evidence, Floats, Rates, evidence, weighed
from analytics.worth import PRIOR_ORDER_DAYS
from benchmarks.insight_data import Split
from benchmarks.insight_figures import measured
from benchmarks.insight_methods import OURS, Forecast

HORIZON_DAYS = 91
CUTS, APART_DAYS = 6, 18
FIGURES = ("P5", "P20", "AUC", "AUCvip", "VIP lift", "Brier")

Fit = Callable[[OrderDays, int, int], Rates]


@dataclass(frozen=True, slots=True)
class Variant:
    """`past` is the exponent of past worth beside expected worth, `prior_days` how many order days the shop's mean one
    counts as, `decay_days` after how many days past money counts 1/e (None: all of it counts), `raw`: each order is
    an event of its own, and not each order day.
    """

    past: float = 0.5
    prior_days: float = PRIOR_ORDER_DAYS
    decay_days: float | None = None
    raw: bool = False
    fit: Fit = fitted

    def __call__(self, orders: Orders, day: date, horizon_days: int) -> Forecast:
        today = day.toordinal()
        days = _each_order(orders) if self.raw else OrderDays.of(orders)
        rates = self.fit(days, today, horizon_days)
        people = histories(orders, days, rates.decay_days)
        known = evidence(people, rates, today)
        return Forecast(self._value(orders, people, known, today), known.silence(horizon_days), is_money=False)

    def _value(self, orders: Orders, people: Histories, known: Evidence, today: int) -> Floats:
        """In no unit: only its ranks matter."""
        mean = people.total.sum() / people.days.sum()
        own = (people.total + self.prior_days * mean) / (people.days + self.prior_days)
        expected = known.expected(1) * np.maximum(own, 0)
        spent = people.total if self.decay_days is None else _faded(orders, people, today, self.decay_days)
        value: Floats = np.power(expected, 1 - self.past) * np.power(np.maximum(spent, 0), self.past)
        return value


def _each_order(orders: Orders) -> OrderDays:
    bought = orders.amount >= 0
    who, day = orders.who[bought], orders.day[bought]
    order = np.lexsort((day, who))
    return OrderDays(who[order], day[order])


def _faded(orders: Orders, people: Histories, today: int, decay_days: float) -> Floats:
    money = orders.amount * orders.ours * np.exp((orders.day - today) / decay_days)
    sums = np.bincount(orders.who, money, len(orders.ids))
    return sums[np.isin(orders.ids, people.customer_id)].astype(np.float64)


def fitted_on_any(days: OrderDays, as_of: int, horizon_days: int) -> Rates:
    """By the likelihood that any order followed, instead of how many."""
    window = window_until(days, as_of, horizon_days)
    if window is None or not window.tells_enough():
        return USUAL_RATES
    start = np.log([USUAL_RATES.decay_days, USUAL_RATES.prior_order_days, USUAL_RATES.prior_days, 0.3])
    found = minimize(_surprise, start, (window,), method="Nelder-Mead", options={"maxiter": 400, "fatol": 1e-7})
    return Rates(*np.exp(found.x).tolist())


def _surprise(logarithms: Floats, window: Window) -> float:
    rates = Rates(*np.exp(logarithms).tolist())
    weights = np.exp(-window.age / rates.decay_days)
    silence = weighed(np.add.reduceat(weights, window.starts), weights[window.starts], rates).silence(window.horizon)
    return -float(np.log(np.where(window.followed > 0, 1 - silence, silence).clip(1e-12)).mean())


VARIANTS: Mapping[str, Variant] = {
    OURS: Variant(),
    "expected worth alone": Variant(past=0),
    "past worth ^.2": Variant(past=0.2),
    "past worth ^.35": Variant(past=0.35),
    "past worth ^.65": Variant(past=0.65),
    "past worth ^.8": Variant(past=0.8),
    "past worth alone": Variant(past=1),
    **{f"money fades in {days} days": Variant(decay_days=days) for days in (60, 120, 240, 480)},
    "mean order + .5": Variant(prior_days=0.5),
    "mean order + 5": Variant(prior_days=5),
    "raw orders": Variant(raw=True),
    "likelihood of any order": Variant(fit=fitted_on_any),
}


def chosen_from(splits: Sequence[Split]) -> str:
    """Markdown: a row a variant with its figures, means over each shop's earlier cuts."""
    cuts = [(split.name, list(earlier(split))) for split in splits]
    heads = [f"{shop} {figure}" for shop, _ in cuts for figure in FIGURES]
    lines = [f"| variant | {' | '.join(heads)} |", "| --- " * (1 + len(heads)) + "|"]
    for name, variant in VARIANTS.items():
        figures = [figure for shop, days in cuts for figure in means(variant, shop, days)]
        lines.append(f"| {name} | {' | '.join(f'{figure:.4f}' for figure in figures)} |")
    return "\n".join(lines)


def earlier(split: Split) -> Iterator[Split]:
    """The last horizon before the split's day, and those that began some weeks before it."""
    known = replace(split, orders=split.known(), horizon_days=HORIZON_DAYS)
    for nth in range(CUTS):
        yield replace(known, day=split.day - timedelta(days=HORIZON_DAYS + nth * APART_DAYS))


def means(variant: Variant, shop: str, cuts: Sequence[Split]) -> list[float]:
    """In the order of FIGURES; not a number where no cut tells anything."""
    found = [measured(variant, cut) for cut in cuts]
    told = [[each[f"{shop} {figure}"] for each in found] for figure in FIGURES]
    return [fmean([each for each in every if each is not None] or [nan]) for every in told]
