"""Who is close below the next tier and whom we may lose, from rows written by hand."""

from __future__ import annotations

import pytest

from analytics.proportion import wilson
from analytics.upgrades import candidate
from crm_store.store import Store
from support.judging.climbing import MOST_LISTED, Page, PageError, Upgrades, upgrades, win_back
from tests.support.contacts import Ledger, at, written
from tests.support.judging.moving import climbing_shop, scored
from tests.support.shop import open_shop

HERE = at(91)  # 90 days after the first of September


async def found(store: Store, page: Page | None = None) -> Upgrades:
    return await upgrades((await open_shop(store)).desk, HERE, page or Page())


async def test_candidates_are_those_with_half_of_what_it_takes(store: Store) -> None:
    """Small ones are worth 20, 22 … 78, and it takes 100 to be ordinary, where the median is 106.5."""
    await written(store, climbing_shop)
    shop = await found(store)
    assert shop.currency == "EUR"
    assert sorted(each.candidate.value for each in shop.candidates) == [50 + 2 * n for n in range(15)]
    assert {each.candidate.missing + each.candidate.value for each in shop.candidates} == {100}


async def test_steps_say_who_climbed_lately_and_what_they_did(store: Store) -> None:
    await written(store, climbing_shop)
    [climb] = (await found(store)).climbs
    assert (climb.step.tier, climb.step.target, climb.step.bar, climb.step.usual) == ("small", "ordinary", 100, 106.5)
    assert (climb.step.climbed, climb.step.customers) == (12, 42)
    assert {lesson.feature for lesson in climb.lessons} >= {"order_days", "total"}
    assert climb.step.chance == wilson(12, 42).low


async def test_pages_are_in_the_order_of_gain_times_reach_and_hold_everybody_once(store: Store) -> None:
    await written(store, climbing_shop)
    everybody = [each.candidate for each in (await found(store)).candidates]
    assert everybody == sorted(everybody, key=lambda one: (-one.gain * one.reached, one.customer_id))
    assert all(one == candidate(one.customer_id, one.value, one.step) for one in everybody)
    pages = [await found(store, Page(6, offset)) for offset in (0, 6, 12)]
    assert [each.candidate for page in pages for each in page.candidates] == everybody


def test_a_full_page_has_a_next_one() -> None:
    assert (Page(6, 12).after(6), Page(6, 12).after(5), Page(1000, 100_000).after(1000)) == (18, None, None)


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (MOST_LISTED + 1, 0), (5, -1), (5, 100_001)])
def test_lists_are_bounded(limit: int, offset: int) -> None:
    with pytest.raises(PageError):
        Page(limit, offset)


async def test_a_shop_without_scores_has_neither_list(store: Store) -> None:
    shop = await found(store)
    assert (shop.currency, shop.climbs, shop.candidates) == (None, (), ())
    assert not (await win_back((await open_shop(store)).desk, Page())).leaving


async def test_whom_we_may_lose_by_what_is_at_stake(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        for value, risk, at_risk, stage in (
            (100, 0.5, True, "use"),
            (80, 0.9, False, "churn"),
            (900, 0.1, False, "loyalty"),
            (500, None, False, "churn"),
        ):
            scored(ledger, ledger.customer(), "small", value, risk=risk, at_risk=at_risk, stage=stage)
        scored(ledger, ledger.customer(erased_at=at(2)), "vip", 10_000, risk=0.9, at_risk=True)

    await written(store, tell)
    listed = (await win_back((await open_shop(store)).desk, Page())).leaving
    assert [(each.value, each.stake) for each in listed] == [(80, 72), (100, 50)]
    second = (await win_back((await open_shop(store)).desk, Page(1, 1))).leaving
    assert [each.value for each in second] == [100]
