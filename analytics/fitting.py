"""The rates under which the shop's own later orders were most likely, seen from an earlier day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.order_days import OrderDays
from analytics.purchases import USUAL_RATES, Floats, Rates, weighed

SAMPLE = 20_000
"""Customers to fit on: more change no figure that matters."""

ENOUGH = 40
"""So many customers must have come back in the window, and so many not: ten a rate, after Peduzzi et al. (1996),
Journal of Clinical Epidemiology 49, 1373-1379. With fewer a shop has the usual rates."""

PULL = 0.002
"""How strongly, per customer, the logarithms of the rates are drawn to the usual ones: enough to keep a rate finite
that the orders say nothing of."""

_STEPS = 100
_HALVINGS = 30
_SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class Window:
    """Customers as they stood on the earlier day, and in how many of the `horizon` days after it each ordered.

    `age` holds days before the earlier day, an entry for each order day, those of one customer from `starts` on.
    """

    horizon: int
    starts: NDArray[np.int64]
    age: Floats
    followed: NDArray[np.int64]

    def tells_enough(self) -> bool:
        came_back = int((self.followed > 0).sum())
        return min(came_back, len(self.followed) - came_back) >= ENOUGH


def fitted(days: OrderDays, as_of: int, horizon_days: int) -> Rates:
    """The shop's rates by maximum likelihood of the number of order days in a window that ends at `as_of`.

    The window is `horizon_days` long, and at most half the time the shop has orders of. The maximum is climbed by the
    outer product of the gradients: Berndt, Hall, Hall and Hausman (1974), Annals of Economic and Social Measurement 3.
    """
    window = window_until(days, as_of, horizon_days)
    if window is None or not window.tells_enough():
        return USUAL_RATES
    found = _climbed(window)
    return Rates(*np.exp(found).tolist())


def window_until(days: OrderDays, as_of: int, horizon_days: int) -> Window | None:
    """None of a shop whose orders all fall on a day or two."""
    span = as_of - int(days.day.min(initial=as_of))
    horizon = min(horizon_days, span // 2)
    if horizon < 1:
        return None
    cut = as_of - horizon
    starts = days.starts()
    sample = _sample(days.who[starts][days.day[starts] <= cut])
    sampled = days.of_people(sample)
    before, later = sampled.until(cut), sampled.who[sampled.day > cut]
    followed = np.bincount(np.searchsorted(sample, later), minlength=len(sample))
    return Window(horizon, before.starts(), (cut - before.day).astype(np.float64), followed)


def _sample(people: NDArray[np.int64]) -> NDArray[np.int64]:
    """Evenly spaced, so that the same orders always give the same rates."""
    if len(people) <= SAMPLE:
        return people
    return people[np.arange(SAMPLE) * len(people) // SAMPLE]


def _climbed(window: Window) -> Floats:
    """Logarithms of the rates at the maximum."""
    usual = _logarithms(USUAL_RATES)
    point, height = usual, likelihood(window, usual)
    for _ in range(_STEPS):
        slopes = _slopes(window, point)
        slope = slopes.mean(axis=0) - 2 * PULL * (point - usual)
        curvature = slopes.T @ slopes / len(slopes) + 2 * PULL * np.eye(len(usual))
        step = np.linalg.solve(curvature, slope)
        step /= max(1.0, np.abs(step).max())
        higher = _higher(window, point, step, height)
        if higher is None:
            break
        gained, (point, height) = higher[1] - height, higher
        if gained < _SETTLED:
            break
    return point


def _higher(window: Window, point: Floats, step: Floats, height: float) -> tuple[Floats, float] | None:
    """The first of ever shorter steps that leads up, and how high that is."""
    for _ in range(_HALVINGS):
        reached = likelihood(window, point + step)
        if reached > height:
            return point + step, reached
        step = step / 2
    return None


def likelihood(window: Window, logarithms: Floats) -> float:
    """Mean log-likelihood a customer, less the pull towards the usual rates; without terms that no rate is in."""
    rates = Rates(*np.exp(logarithms).tolist())
    every, first, _ = _weights(window, rates)
    known = weighed(every, first, rates)
    end = known.days + window.horizon
    terms = known.order_days * np.log(known.days / end) - window.followed * np.log(end)
    terms += _each_followed(window, known.order_days, np.log)
    return float(terms.mean() - PULL * ((logarithms - _logarithms(USUAL_RATES)) ** 2).sum())


def _slopes(window: Window, logarithms: Floats) -> Floats:
    """Of each customer's log-likelihood by each logarithm: customers × 4."""
    rates = Rates(*np.exp(logarithms).tolist())
    every, first, aged = _weights(window, rates)
    known = weighed(every, first, rates)
    end = known.days + window.horizon
    by_order_days = np.log(known.days / end) + _each_followed(window, known.order_days, np.reciprocal)
    by_days = known.order_days / known.days - (known.order_days + window.followed) / end
    age = window.age[window.starts]
    decay = rates.decay_days
    return np.column_stack([
        by_order_days * (aged + (rates.first_weight - 1) * first * age) / decay
        + by_days * (decay * (1 - first) - age * first),
        by_order_days * rates.prior_order_days,
        by_days * rates.prior_days,
        by_order_days * rates.first_weight * first,
    ])  # fmt: skip


def _weights(window: Window, rates: Rates) -> tuple[Floats, Floats, Floats]:
    """Per customer: e^(−age/decay time) summed over all order days, that of the first, and the sum of age times it."""
    weight = np.exp(-window.age / rates.decay_days)
    return (
        np.add.reduceat(weight, window.starts),
        weight[window.starts],
        np.add.reduceat(weight * window.age, window.starts),
    )


def _each_followed(window: Window, shape: Floats, term: np.ufunc) -> Floats:
    """Per customer the sum of term(shape + j) over j = 0 … followed − 1: of logarithms it is lnΓ(shape + followed) −
    lnΓ(shape), of reciprocals its slope."""
    people = np.repeat(np.arange(len(shape)), window.followed)
    begins = np.cumsum(window.followed) - window.followed
    nth = np.arange(len(people)) - begins[people]
    return np.bincount(people, term(shape[people] + nth), len(shape)).astype(np.float64, copy=False)


def _logarithms(rates: Rates) -> Floats:
    return np.log([rates.decay_days, rates.prior_order_days, rates.prior_days, rates.first_weight])
