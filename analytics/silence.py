"""How long is long: a customer's silence against their own rhythm and the shop's."""

from __future__ import annotations

import numpy as np

from analytics.histories import Histories
from analytics.purchases import Floats

PRIOR_GAPS = 2
"""The shop's rhythm counts as so many gaps beside the customer's own."""


def own_gaps(people: Histories) -> Floats:
    """Each customer's mean days from one order day to the next; not a number before the second."""
    return np.where(people.days > 1, (people.last - people.first) / np.maximum(people.days - 1, 1), np.nan)


def usual_gap(people: Histories) -> float | None:
    """The median customer's mean gap; None while nobody has ordered on two days."""
    repeated = people.days > 1
    return float(np.median(own_gaps(people)[repeated])) if repeated.any() else None


def gaps_silent(people: Histories, days_silent: Floats, usual_gap_days: float | None) -> Floats:
    """The silence in each customer's gaps, drawn towards the shop's as if PRIOR_GAPS of those had been seen too; not a
    number while the shop has none."""
    if usual_gap_days is None:
        return days_silent * np.nan
    span = people.last - people.first + PRIOR_GAPS * usual_gap_days
    return days_silent * (people.days - 1 + PRIOR_GAPS) / span
