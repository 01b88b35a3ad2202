"""Where a customer stands (tier, stage, danger, segment) as one number, so that a million are compared at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.judgement import Judgements
from analytics.rfm import RFM_SEGMENTS
from analytics.stages import STAGES
from analytics.tiers import TIERS

Ints = NDArray[np.int64]
Place = tuple[str | None, str, bool, str | None]

TIER_NAMES: list[str | None] = [None, *map(str, TIERS)]
STAGE_NAMES = list(map(str, STAGES))
SEGMENT_NAMES: list[str | None] = [None, *map(str, RFM_SEGMENTS)]
_BITS = 4
"""Each of the four has fewer than 16 values."""


def packed(tier: Ints | int, stage: Ints | int, at_risk: Ints | int, segment: Ints | int) -> Ints | int:
    return ((tier << _BITS | stage) << _BITS | at_risk) << _BITS | segment


def places(judged: Judgements) -> Ints:
    """Of customers who have ordered."""
    tier, stage = judged.placing.tier.astype(np.int64) + 1, judged.stage.astype(np.int64)
    return np.asarray(packed(tier, stage, judged.at_risk.astype(np.int64), judged.rfm.segment.astype(np.int64) + 1))


def place_before_order(stage: str) -> int:
    return int(packed(0, STAGE_NAMES.index(stage), 0, 0))


def names(place: int) -> Place:
    """Tier, stage, at risk, segment."""
    tier, stage, at_risk, segment = (place >> _BITS * nth & (1 << _BITS) - 1 for nth in (3, 2, 1, 0))
    return TIER_NAMES[tier], STAGE_NAMES[stage], bool(at_risk), SEGMENT_NAMES[segment]


def _sql() -> str:
    """The same number of a row of `score`."""
    tier, stage, segment = _code("tier", TIER_NAMES), _code("stage", STAGE_NAMES), _code("segment", SEGMENT_NAMES)
    return f"({tier} * 4096 + {stage} * 256 + CAST(at_risk AS INTEGER) * 16 + {segment})"


def _code(column: str, known: list[str] | list[str | None]) -> str:
    whens = " ".join(f"WHEN '{name}' THEN {code}" for code, name in enumerate(known) if name)
    return f"CASE {column} {whens} ELSE 0 END"


PLACE_SQL = _sql()
