"""Recency, frequency and money in quintiles, and the named groups that marketing speaks of.

Quintiles after Hughes (1994), Strategic Database Marketing, but equal figures share one: a customer's quintile is 1 +
⌊5 × the share of customers with a lower figure⌋, so that nobody is set apart from their likes by chance. The names are
those in common use; their borders differ from author to author, and these cover each combination exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.histories import Histories

QUINTILES = 5


class RfmSegment(StrEnum):
    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL_LOYALIST = "potential_loyalist"
    NEW = "new"
    PROMISING = "promising"
    NEEDS_ATTENTION = "needs_attention"
    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    CANNOT_LOSE = "cannot_lose"
    HIBERNATING = "hibernating"
    LOST = "lost"


RFM_SEGMENTS = np.array(list(RfmSegment), object)


@dataclass(frozen=True, slots=True)
class Rule:
    """From which to which quintile of recency, and of frequency and money together: their mean, halves rounded up."""

    segment: RfmSegment
    recency: tuple[int, int]
    worth: tuple[int, int]


RULES = (
    Rule(RfmSegment.CHAMPIONS, (4, 5), (4, 5)),
    Rule(RfmSegment.LOYAL, (3, 3), (4, 5)),
    Rule(RfmSegment.POTENTIAL_LOYALIST, (4, 5), (2, 3)),
    Rule(RfmSegment.NEW, (5, 5), (1, 1)),
    Rule(RfmSegment.PROMISING, (3, 4), (1, 1)),
    Rule(RfmSegment.NEEDS_ATTENTION, (3, 3), (2, 3)),
    Rule(RfmSegment.ABOUT_TO_SLEEP, (2, 2), (1, 2)),
    Rule(RfmSegment.AT_RISK, (2, 2), (3, 5)),
    Rule(RfmSegment.CANNOT_LOSE, (1, 1), (4, 5)),
    Rule(RfmSegment.HIBERNATING, (1, 1), (2, 3)),
    Rule(RfmSegment.LOST, (1, 1), (1, 1)),
)


@dataclass(frozen=True, slots=True)
class RfmEdges:
    """The highest last day, number of order days and total in each quintile but the uppermost."""

    recency: tuple[float, ...]
    frequency: tuple[float, ...]
    money: tuple[float, ...]

    @classmethod
    def of(cls, people: Histories, totals: NDArray[np.float64]) -> RfmEdges:
        """`totals`: the customers' own, ascending."""
        return cls(edges(np.sort(people.last)), edges(np.sort(people.days)), edges(totals))


@dataclass(frozen=True, slots=True)
class Rfm:
    """Quintiles 1..5, 5 being the most recent, the most frequent and the highest; `segment`: places in RFM_SEGMENTS."""

    recency: NDArray[np.int8]
    frequency: NDArray[np.int8]
    money: NDArray[np.int8]
    segment: NDArray[np.int8]

    def digits(self, part: slice = slice(None)) -> NDArray[np.int16]:
        """The three quintiles of each as one number: 543 is recency 5, frequency 4, money 3."""
        recency, frequency, money = (each[part].astype(np.int16) for each in (self.recency, self.frequency, self.money))
        digits: NDArray[np.int16] = recency * 100 + frequency * 10 + money
        return digits


def segments(digits: NDArray[Any]) -> NDArray[np.int8]:
    """Places in RFM_SEGMENTS of Rfm.digits."""
    return _segments(digits // 100, digits // 10 % 10, digits % 10)


def segment_of(digits: int) -> RfmSegment:
    """The segment of one customer's Rfm.digits."""
    segment: RfmSegment = RFM_SEGMENTS[segments(np.array([digits]))[0]]
    return segment


def rfm(people: Histories, shop: RfmEdges) -> Rfm:
    recency = quintiles(people.last, shop.recency)
    frequency = quintiles(people.days, shop.frequency)
    money = quintiles(people.total, shop.money)
    return Rfm(recency, frequency, money, _segments(recency, frequency, money))


def _segments(recency: NDArray[Any], frequency: NDArray[Any], money: NDArray[Any]) -> NDArray[np.int8]:
    found: NDArray[np.int8] = _SEGMENT[recency, (frequency + money + 1) // 2]
    return found


def edges(ascending: NDArray[np.int64] | NDArray[np.float64]) -> tuple[float, ...]:
    """A figure is in a higher quintile exactly if it is above the edge, that is if a further fifth of all is lower."""
    if not len(ascending):
        return ()
    ranks = [-(-len(ascending) * nth // QUINTILES) - 1 for nth in range(1, QUINTILES)]
    return tuple(ascending[ranks].tolist())


def quintiles(figures: NDArray[np.int64] | NDArray[np.float64], shop: tuple[float, ...]) -> NDArray[np.int8]:
    found = np.ones_like(figures, np.int8)
    for edge in shop:
        found = found + (figures > edge)
    return found


def _table() -> NDArray[np.int8]:
    """The rules' segments by quintile of recency and of worth."""
    table = np.full((QUINTILES + 1, QUINTILES + 1), -1, np.int8)
    for rule in RULES:
        (low, high), (least, most) = rule.recency, rule.worth
        table[low : high + 1, least : most + 1] = list(RfmSegment).index(rule.segment)
    return table


_SEGMENT = _table()
