"""Judgements as rows that a database's driver takes; plain values, because a million of them are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.judgement import Judgements
from analytics.order_columns import EPOCH
from crm_store.repositories.scores import COLUMNS, midnight, stored_cause, stored_moment
from support.judging.causes import Borders, Stood, cause
from support.scoring.places import SEGMENT_NAMES, STAGE_NAMES, TIER_NAMES, Ints
from support.scoring.reading import Former

_TIERS, _STAGES, _SEGMENTS = (np.array(known, object) for known in (TIER_NAMES, STAGE_NAMES, SEGMENT_NAMES))
Row = tuple[Any, ...]


def score_rows(judged: Judgements, part: slice, as_of: date, currency: str | None, *, is_sqlite: bool) -> list[Row]:
    """Values for crm_store.repositories.scores.put."""
    people, placing, estimates = judged.people, judged.placing, judged.estimates
    count = len(people.customer_id[part])
    known = people.days[part] > 1
    columns: dict[str, Iterable[Any]] = {
        "customer_id": people.customer_id[part].tolist(),
        "as_of": [stored_moment(midnight(as_of), is_sqlite=is_sqlite)] * count,
        "value": estimates.value[part].tolist(),
        "currency": [currency] * count,
        "percentile": placing.percentile[part].tolist(),
        "spend_percentile": placing.spend_percentile[part].tolist(),
        "risk": _known(estimates.risk[part], known),
        "expected_orders": estimates.expected_orders[part].tolist(),
        "tier": _TIERS[placing.tier[part] + 1].tolist(),
        "rank": [None] * count if placing.rank is None else placing.rank[part].tolist(),
        "stage": _STAGES[judged.stage[part]].tolist(),
        "at_risk": judged.at_risk[part].astype(np.int8 if is_sqlite else np.bool_).tolist(),
        "r": judged.rfm.recency[part].tolist(),
        "f": judged.rfm.frequency[part].tolist(),
        "m": judged.rfm.money[part].tolist(),
        "segment": _SEGMENTS[judged.rfm.segment[part] + 1].tolist(),
        "order_count": people.orders[part].tolist(),
        "order_days": people.days[part].tolist(),
        "first_order": _days(people.first[part], is_sqlite=is_sqlite),
        "last_order": _days(people.last[part], is_sqlite=is_sqlite),
        "days_silent": judged.days_silent[part].tolist(),
        "usual_gap_days": _known(judged.usual_gap[part], known),
        "total": people.total[part].tolist(),
        "cost": people.cost[part].tolist(),
        "uncosted": people.uncosted[part].tolist(),
        "left_out": people.left_out[part].tolist(),
        "decayed": people.decayed[part].tolist(),
    }
    return list(zip(*(columns[name] for name in COLUMNS), strict=True))


def _known(figures: NDArray[np.float64], known: NDArray[np.bool_]) -> list[float | None]:
    column = figures.astype(object)
    column[~known] = None
    result: list[float | None] = column.tolist()
    return result


def _days(ordinals: Ints, *, is_sqlite: bool) -> list[Any]:
    """SQLite keeps dates as text. Few days differ, so each is written once."""
    different, where = np.unique(ordinals, return_inverse=True)
    days = (different - EPOCH).astype("datetime64[D]")
    made: list[Any] = (days.astype(str) if is_sqlite else days).tolist()
    dates: list[Any] = np.array(made, object)[where].tolist()
    return dates


def change_row(customer_id: int, at: Any, former: Stood | None, now: Stood, days: int | None, borders: Borders) -> Row:
    """Values for crm_store.repositories.scores.note_changes."""
    why = cause(former, now, days, borders)
    before = former.place if former else (None, None, None, None)
    return customer_id, at, *before, *now.place, stored_cause(why.code, why.facts)


def change_rows(
    judged: Judgements, place: Ints, part: slice, former: Former, at: Any, borders: Borders
) -> Iterator[Row]:
    """Of those in this part who stand elsewhere than before; `place` is of all."""
    found = former.find(judged.people.customer_id[part])
    moved = found < 0
    moved[~moved] = former.place[found[~moved]] != place[part][~moved]
    begin = part.start or 0
    for near in np.flatnonzero(moved).tolist():
        yield _change(judged, begin + near, former.stood(int(found[near])), at, borders)


def _change(judged: Judgements, nth: int, former: Stood | None, at: Any, borders: Borders) -> Row:
    people, placing = judged.people, judged.placing
    now = Stood(
        tier=TIER_NAMES[placing.tier[nth] + 1],
        stage=STAGE_NAMES[judged.stage[nth]],
        at_risk=bool(judged.at_risk[nth]),
        segment=SEGMENT_NAMES[judged.rfm.segment[nth] + 1],
        orders=int(people.orders[nth]),
        value=float(judged.estimates.value[nth]),
        total=float(people.total[nth]),
    )
    return change_row(int(people.customer_id[nth]), at, former, now, int(judged.days_silent[nth]), borders)
