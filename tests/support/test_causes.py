"""A cause says nothing that the figures do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.rfm import RfmSegment, segment_of
from analytics.stages import Stage
from analytics.tiers import Tier
from crm_store.queries.scoring import packed_place
from support.judging.causes import Because, Borders, Cause, Stood, cause, tier_at
from support.scoring.places import names, with_segment

BORDERS = Borders((100.0, 50.0, 20.0))
STANDING = Stood("ordinary", "use", False, "loyal", 3, 30.0, 90.0)

standings = st.builds(
    Stood,
    tier=st.sampled_from(list(map(str, Tier))),
    stage=st.sampled_from(list(map(str, Stage))),
    at_risk=st.booleans(),
    segment=st.sampled_from(list(map(str, RfmSegment))),
    orders=st.integers(1, 3),
    value=st.sampled_from([5.0, 20.0, 30.0, 60.0, 100.0, 200.0]),
    total=st.sampled_from([10.0, 20.0]),
)
borders = st.builds(Borders, st.just(BORDERS.now), st.none() | st.just((500.0, 400.0, 300.0)))


def code(former: Stood | None, now: Stood, shop: Borders = BORDERS) -> Because:
    return cause(former, now, 40, shop).code


def test_each_cause() -> None:
    assert code(None, STANDING) is Because.FIRST
    assert code(STANDING, replace(STANDING, orders=4, tier="major")) is Because.ORDER
    assert code(STANDING, replace(STANDING, orders=2, tier="small")) is Because.CORRECTED
    assert code(STANDING, replace(STANDING, total=50.0, tier="small")) is Because.REFUND
    assert cause(STANDING, replace(STANDING, at_risk=True), 40, BORDERS).facts == {"days": 40}
    assert code(STANDING, replace(STANDING, stage="churn")) is Because.SILENCE
    assert code(STANDING, replace(STANDING, segment="champions")) is Because.OTHERS


def test_a_sum_in_another_order_is_no_refund() -> None:
    there, back = 0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1
    assert there != back
    for one, other in ((there, back), (back, there)):
        silent = replace(STANDING, total=other, at_risk=True)
        assert code(replace(STANDING, total=one), silent) is Because.SILENCE
    assert code(replace(STANDING, total=there), replace(STANDING, total=there - 0.01)) is Because.REFUND


def test_orders_that_came_with_a_merge_were_not_ordered() -> None:
    other = replace(STANDING, orders=5, total=500.0, tier="major")
    assert cause(STANDING, other, 40, BORDERS, is_merged=True) == Cause(Because.MERGED, {"orders": 5, "before": 3})
    assert cause(other, STANDING, 40, BORDERS, is_merged=True).code is Because.MERGED
    assert cause(None, STANDING, 40, BORDERS, is_merged=True).code is Because.MERGED
    assert cause(STANDING, replace(STANDING, at_risk=True), 40, BORDERS, is_merged=True).code is Because.SILENCE


def test_a_lower_tier_is_silence_unless_the_border_rose_above_what_they_were_worth() -> None:
    former = replace(STANDING, value=55.0, tier="major")
    assert code(former, replace(STANDING, value=45.0)) is Because.SILENCE
    assert code(replace(former, value=48.0), replace(STANDING, value=45.0)) is Because.OTHERS


def test_new_limits_are_the_cause_only_if_the_old_ones_would_have_left_them_there() -> None:
    former, now = replace(STANDING, tier="major", value=30.0), STANDING
    assert code(former, now, Borders(BORDERS.now, (90.0, 30.0, 10.0))) is Because.RULES
    assert code(former, now, Borders(BORDERS.now, (90.0, 40.0, 10.0))) is Because.OTHERS


def test_without_an_order_it_is_interest_or_its_end() -> None:
    aware, interested = (Stood(None, stage, False, None, 0, 0.0, 0.0) for stage in ("awareness", "consideration"))
    assert code(aware, interested) is Because.INTEREST
    assert code(interested, aware) is Because.SILENCE
    assert code(interested, STANDING) is Because.ORDER


@given(standings, standings, borders)
def test_no_cause_contradicts_the_figures(former: Stood, now: Stood, shop: Borders) -> None:
    found = cause(former, now, 40, shop)
    same_orders = (former.orders, former.total) == (now.orders, now.total)
    assert (found.code in {Because.ORDER, Because.CORRECTED, Because.REFUND}) == (not same_orders)
    if found.code is Because.ORDER:
        assert found.facts == {"orders": now.orders, "before": former.orders}
        assert now.orders > former.orders
    if found.code is Because.REFUND:
        assert found.facts["total"] < found.facts["before"]
    if found.code is Because.RULES:
        assert shop.by_former_limits
        assert tier_at(now.value, shop.by_former_limits) == former.tier != now.tier


def test_every_place_has_a_number_of_its_own() -> None:
    tiers, stages = range(len(Tier) + 1), range(1, len(Stage) + 1)
    digits = np.array([0, *(int("".join(each)) for each in product("12345", repeat=3))])
    places = [with_segment(np.array(packed_place(*place)), digits) for place in product(tiers, stages, (0, 1))]
    numbers = set(np.concatenate(places).tolist())
    assert len(set(map(names, numbers))) == len(numbers) == np.prod([5, 6, 2, 12])


def test_a_place_has_the_names_of_its_codes() -> None:
    place = with_segment(np.array([packed_place(1, 5, 1), packed_place(0, 2, 0)]), np.array([543, 0]))
    assert names(int(place[0])) == ("vip", "loyalty", True, segment_of(543))
    assert names(int(place[1])) == (None, "consideration", False, None)
