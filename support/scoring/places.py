"""Where a customer stands (tier, stage, danger, segment) as one number, so that a million are compared at once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.judgement import Judgements
from analytics.rfm import QUINTILES, RFM_SEGMENTS, segments
from analytics.stages import STAGES, Stage
from analytics.tiers import TIERS
from crm_store.queries.scoring import packed_place, unpacked_place

Ints = NDArray[np.int64]
Places = NDArray[np.int16]
"""Numbers below 4,096."""
Place = tuple[str | None, str, bool, str | None]
_SEGMENTS = 16
"""More than there are."""


def places(judged: Judgements) -> Places:
    """Of customers who have ordered."""
    columns = judged.placing.tier + 1, judged.stage + 1, judged.at_risk
    tier, stage, at_risk = (column.astype(np.int16) for column in columns)
    return with_segment(packed_place(tier, stage, at_risk), judged.rfm.digits())


def with_segment(place: NDArray[Any], rfm: NDArray[Any]) -> Places:
    """Of crm_store.queries.scoring.packed_place and analytics.rfm.Rfm.digits, which are 0 before an order."""
    places: Places = place.astype(np.int16) * _SEGMENTS + _segment_codes()[rfm]
    return places


@cache
def _segment_codes() -> Places:
    """By digits; most numbers are of nobody."""
    codes = np.zeros(QUINTILES * 111 + 1, np.int16)
    some = np.arange(1, QUINTILES + 1)
    digits = (some[:, None, None] * 100 + some[:, None] * 10 + some).ravel()
    codes[digits] = segments(digits) + 1
    return codes


def place_before_order(stage: str) -> int:
    place: int = packed_place(0, list(Stage).index(Stage(stage)) + 1, 0)
    return place * _SEGMENTS


def have_tier(place: Places) -> NDArray[np.bool_]:
    """That is, whoever has ordered."""
    found: NDArray[np.bool_] = place >= packed_place(1, 0, 0) * _SEGMENTS
    return found


def names(place: int) -> Place:
    """Tier, stage, at risk, segment."""
    tier, stage, at_risk = unpacked_place(place // _SEGMENTS)
    return _name(TIERS, tier), str(STAGES[stage - 1]), bool(at_risk), _name(RFM_SEGMENTS, place % _SEGMENTS)


def _name(known: NDArray[Any], code: int) -> str | None:
    return str(known[code - 1]) if code else None
