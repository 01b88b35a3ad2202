"""Who is close below the next tier and whom we may lose, from rows written by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from analytics.evaluation import Trust
from analytics.proportion import wilson
from analytics.upgrades import candidate
from crm_store.ids import new_id
from crm_store.models import Consent, ContactPoint, ShopModel
from crm_store.queries.climbing import Leaving
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work
from support.customers.consents import MARKETING
from support.judging.climbing import MOST_LISTED, Page, PageError, Upgrades, upgrades, win_back
from support.judging.trusting import Grades
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


async def losing(store: Store, page: Page | None = None) -> Sequence[Leaving]:
    return (await win_back((await open_shop(store)).desk, page or Page())).leaving


async def test_whom_we_may_lose_by_value_and_risk(store: Store) -> None:
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
    listed = await losing(store)
    assert [(each.value, each.priority) for each in listed] == [(80, 72), (100, 50)]
    assert {(each.days_silent, each.usual_gap_days, each.served_by) for each in listed} == {(20, 20, None)}
    assert [each.value for each in await losing(store, Page(1, 1))] == [100]


async def test_only_those_are_listed_who_may_be_approached_and_can_be(store: Store) -> None:
    def tell(ledger: Ledger) -> None:
        def leaving(value: float, *consents: bool, state: str = "active", **of_customer: str) -> ContactPoint:
            who = ledger.customer(**of_customer)
            who.state = state
            scored(ledger, who, "small", value, risk=0.5, at_risk=True)
            for day, given in enumerate(consents, 1):
                about = {"customer_id": who.customer_id, "purpose": MARKETING, "source": "chat"}
                ledger.unit.add(Consent(id=new_id(), at=at(day), given=given, **about))
            return who

        leaving(10, True, False)
        leaving(20, False, True)
        leaving(30, state="blocked")
        elsewhere = leaving(40, state="blocked")
        address = {"channel": "telegram", "address": "4711", "created_at": at()}
        ledger.unit.add(ContactPoint(id=new_id(), customer_id=elsewhere.customer_id, **address))
        leaving(50, state="blocked", phone="+49301234567")
        kept = leaving(60)
        gone = ledger.customer(merged_into_id=kept.customer_id)
        about = {"customer_id": gone.customer_id, "purpose": MARKETING, "source": "import"}
        ledger.unit.add(Consent(id=new_id(), at=at(3), given=False, **about))

    await written(store, tell)
    assert [each.value for each in await losing(store)] == [50, 40, 20]


async def test_whom_a_colleague_has_just_now_is_marked(store: Store) -> None:
    shop = await open_shop(store)
    await shop.queue_up("nia")
    await shop.queue_up("zoe")
    await shop.act(work.claim, await shop.staff("Bob"))

    async def score(unit: Unit) -> None:
        for address in ("nia", "zoe"):
            person = await shop.known(unit, address)
            scored(Ledger(unit), person.contact, "small", 10, risk=0.5, at_risk=True)

    await shop.run(score)
    assert sorted(str(each.served_by) for each in await losing(store)) == ["Bob", "None"]


async def test_lists_say_how_far_they_can_be_trusted(store: Store) -> None:
    await written(store, climbing_shop)
    shop = await open_shop(store)
    assert (await upgrades(shop.desk, HERE, Page())).trusted is None

    async def keep(unit: Unit) -> None:
        unit.add(ShopModel(id=new_id(), as_of=unit.now, model={}, evaluation={"back_test": None, "climbs": []}))

    await shop.run(keep)
    expected = Grades(*[Trust.TOO_LITTLE] * 4)
    assert (await upgrades(shop.desk, HERE, Page())).trusted == expected
    assert (await win_back(shop.desk, Page())).trusted == expected
