"""Judgements as rows that a database's driver takes; plain values, because a million of them are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.histories import Histories
from analytics.judgement import Judgements
from analytics.order_columns import EPOCH
from analytics.rfm import RFM_SEGMENTS
from analytics.silence import own_gaps
from analytics.stages import STAGES
from analytics.tiers import TIERS
from crm_store.repositories.scores import Filled, stage_code, stored_cause
from support.judging.causes import Borders, Stood, cause
from support.scoring.places import Ints, Places
from support.scoring.reading import Former

Row = tuple[Any, ...]


def judged_columns(judged: Judgements, part: slice, *, is_sqlite: bool) -> Filled:
    """For crm_store.repositories.scores.put."""
    people, placing, estimates = judged.people, judged.placing, judged.estimates
    customer_id = people.customer_id[part].tolist()
    return {
        "customer_id": customer_id,
        "value": estimates.value[part].tolist(),
        "percentile": placing.percentile[part].tolist(),
        "spend_percentile": placing.spend_percentile[part].tolist(),
        "risk": _known(estimates.risk[part], people.days[part] > 1),
        "tier": (placing.tier[part] + 1).tolist(),
        "rank": [None] * len(customer_id) if placing.rank is None else placing.rank[part].tolist(),
        "stage": (judged.stage[part] + 1).tolist(),
        "at_risk": judged.at_risk[part].astype(np.int8 if is_sqlite else np.bool_).tolist(),
        "rfm": judged.rfm.digits(part).tolist(),
    }


def stage_columns(customer_id: Sequence[int], stages: Sequence[str], *, is_sqlite: bool) -> Filled:
    """The same of people who have not ordered, with nothing known but their stages."""
    unknown = dict.fromkeys(("percentile", "spend_percentile", "risk", "tier", "rank", "rfm"), [None] * len(stages))
    return unknown | {
        "customer_id": customer_id,
        "value": [0.0] * len(stages),
        "stage": list(map(stage_code, stages)),
        "at_risk": [0 if is_sqlite else False] * len(stages),
    }


def history_columns(people: Histories, currency: str | None, *, is_sqlite: bool) -> Filled:
    """For crm_store.repositories.scores.put_histories."""
    return {
        "customer_id": people.customer_id.tolist(),
        "currency": [currency] * len(people),
        "order_count": people.orders.tolist(),
        "order_days": people.days.tolist(),
        "first_order": _days(people.first, is_sqlite=is_sqlite),
        "last_order": _days(people.last, is_sqlite=is_sqlite),
        "usual_gap_days": _known(own_gaps(people), people.days > 1),
        "total": people.total.tolist(),
        "cost": people.cost.tolist(),
        "uncosted": people.uncosted.tolist(),
        "left_out": people.left_out.tolist(),
    }


def _known(figures: NDArray[np.float64], known: NDArray[np.bool_]) -> list[float | None]:
    rows = figures.astype(object)
    rows[~known] = None
    return list(rows)


def _days(ordinals: Ints, *, is_sqlite: bool) -> list[Any]:
    """SQLite keeps dates as text. Few days differ, so each is written once."""
    different, where = np.unique(ordinals, return_inverse=True)
    days = (different - EPOCH).astype("datetime64[D]")
    made: list[Any] = (days.astype(str) if is_sqlite else days).tolist()
    dates: list[Any] = np.array(made, object)[where].tolist()
    return dates


def change_row(customer_id: int, at: Any, former: Stood | None, now: Stood, days: int | None, borders: Borders) -> Row:
    """Values for crm_store.repositories.scores.note_changes."""
    why = cause(former, now, days, borders, is_merged=customer_id in borders.merged)
    before = former.place if former else (None, None, None, None)
    return customer_id, at, *before, *now.place, stored_cause(why.code, why.facts)


def moved(judged: Judgements, place: Places, part: slice, former: Former) -> Ints:
    """Who in this part stands elsewhere than before, by their line; `place` is of all."""
    elsewhere = former.of(judged.people.customer_id[part]) != place[part]
    lines: Ints = np.flatnonzero(elsewhere) + part.start
    return lines


def change_rows(
    judged: Judgements, which: Ints, before: Mapping[int, Stood], at: Any, borders: Borders
) -> Iterator[Row]:
    """Of these lines, with what stood before for those who were judged before."""
    for nth in which.tolist():
        yield _change(judged, nth, before.get(int(judged.people.customer_id[nth])), at, borders)


def _change(judged: Judgements, nth: int, former: Stood | None, at: Any, borders: Borders) -> Row:
    people, placing = judged.people, judged.placing
    now = Stood(
        tier=str(TIERS[placing.tier[nth]]),
        stage=str(STAGES[judged.stage[nth]]),
        at_risk=bool(judged.at_risk[nth]),
        segment=str(RFM_SEGMENTS[judged.rfm.segment[nth]]),
        orders=int(people.orders[nth]),
        value=float(judged.estimates.value[nth]),
        total=float(people.total[nth]),
    )
    return change_row(int(people.customer_id[nth]), at, former, now, int(judged.days_silent[nth]), borders)
