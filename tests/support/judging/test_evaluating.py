"""How far scores can be trusted: from orders in the store to what stands beside a score."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from analytics.evaluation import Trust, back_test
from analytics.orders import read_orders
from analytics.proportion import wilson
from analytics.tiers import TierLimits
from crm_store.ids import new_id
from crm_store.models import Order, ShopModel
from crm_store.queries import card
from crm_store.store import Store
from support.agents.card import word_card
from support.agents.voice import Voice
from support.judging.evaluating import evaluate_and_keep, evaluated, worded
from support.judging.trusting import worse
from support.scoring import rescore
from support.scoring.days import AsOfError
from support.words.texts import Texts
from tests.analytics.shops import TODAY, steady_shop
from tests.support.contacts import Ledger, at, written
from tests.support.judging.moving import back_tested, climbing_shop, scored
from tests.support.judging.moving import evaluated as kept_evaluation
from tests.support.shop import Shop, open_shop

CUSTOMERS = 400


def steady(ledger: Ledger) -> None:
    """A shop that tells enough, as rows."""
    columns = steady_shop(CUSTOMERS, seed=3)
    people = [ledger.customer() for _ in range(CUSTOMERS)]
    for number, (who, day, amount) in enumerate(
        zip(*(columns[name].tolist() for name in ("customer_id", "date", "amount")), strict=True)
    ):
        about = {"external_id": f"s{number}", "date": date.fromordinal(day), "amount": Decimal(str(amount))}
        ledger.unit.add(Order(id=new_id(), customer_id=people[who].customer_id, currency="EUR", attributes={}, **about))


async def test_it_is_the_back_test_of_the_shops_own_orders(store: Store) -> None:
    await written(store, steady)
    shop = await open_shop(store)
    found = await evaluated(shop.desk, TODAY, shop.now)
    columns = steady_shop(CUSTOMERS, seed=3)
    expected = back_test(read_orders(columns, TODAY), TODAY, 90, TierLimits())
    assert found.found is not None
    assert expected is not None
    assert (found.orders, found.found.risk.auc) == (len(columns["date"]), expected.risk.auc)
    assert (found.found.value, found.found.stages) == (expected.value, expected.stages)


@pytest.mark.parametrize("language", ["en", "zh-Hans", "zh-Hant"])
async def test_it_is_said_in_the_agents_language(sqlite_store: Store, language: str) -> None:
    await written(sqlite_store, steady)
    shop = await open_shop(sqlite_store, language=language)
    found = await evaluated(shop.desk, TODAY, shop.now)
    lines = list(worded(Voice(shop.desk, shop.now), found))
    assert found.found is not None
    assert len(lines) == 12
    assert str(found.orders) in lines[0]
    assert str(found.found.risk.silent) in lines[3]


def test_a_single_day_is_a_day() -> None:
    told = [Texts.load().say("en", "evaluate.day", date="Monday", days=days) for days in (1, 90)]
    assert [text.partition("against the ")[2] for text in told] == ["1 day after it.", "90 days after it."]


async def test_too_little_history_is_said_and_no_figure_is(store: Store) -> None:
    shop = await open_shop(store)
    found = await evaluated(shop.desk, TODAY, shop.now)
    assert (found.orders, found.found) == (0, None)
    assert "Too little history" in list(worded(Voice(shop.desk, shop.now), found))[-1]


async def test_a_day_to_come_is_refused(sqlite_store: Store) -> None:
    shop = await open_shop(sqlite_store)
    with pytest.raises(AsOfError, match="yet to come"):
        await evaluated(shop.desk, shop.now.date() + timedelta(days=1), shop.now)


async def test_it_is_kept_with_the_newest_model(store: Store) -> None:
    await written(store, climbing_shop)
    shop = await open_shop(store)
    await evaluate_and_keep(shop.desk, at(40))
    await rescore(store, date(2026, 9, 29))
    await rescore(store, date(2026, 9, 30))
    await evaluate_and_keep(shop.desk, at(40))
    async with store.read() as session:
        kept = list(await session.scalars(select(ShopModel.evaluation).order_by(ShopModel.id)))
    assert kept[0] is None
    assert kept[1]["orders"] == 12 * 2 + 6 + 30


async def on_card(shop: Shop, customer_id: int) -> str:
    async with shop.store.read() as session:
        known = await card.read(session, customer_id)
    assert known is not None
    return "\n".join(word_card(shop.desk, known, shop.now).lines)


GOOD, SOME, NONE, TOO_LITTLE = Trust.GOOD, Trust.SOME, Trust.NONE, Trust.TOO_LITTLE


def lesson(feature: str, climbed: float, stayed: float, value: float) -> dict[str, object]:
    means = {"movers_mean": climbed, "stayers_mean": stayed}
    return {"feature": feature, "movers": 3, "stayers": 37, "value": value, "low": value / 2, "high": value * 2} | means


async def customer(store: Store, value: float = 80, **standing: Any) -> int:
    ids: list[int] = []

    def tell(ledger: Ledger) -> None:
        who = ledger.customer()
        scored(ledger, who, "small", value, **standing)
        ids.append(who.customer_id)

    await written(store, tell)
    return ids[0]


async def test_the_card_says_of_each_figure_how_far_it_can_be_trusted(store: Store) -> None:
    leaving = await customer(store, risk=0.59, at_risk=True)
    gone, new = await customer(store, stage="churn", risk=0.9), await customer(store, stage="purchase")
    shop = await open_shop(store)
    assert "trusted" not in await on_card(shop, leaving)
    await kept_evaluation(store, [], back_tested(GOOD, GOOD, SOME, left=NONE, at_risk=TOO_LITTLE))
    told = await on_card(shop, leaving)
    assert "Value: €80.00 (can be trusted)\n" in told
    assert "Risk of churn: 59% (can be trusted somewhat)\n" in told
    assert "Stage: use · at risk (too little history to test)\n" in told
    assert "Stage: churn (cannot be trusted)\n" in await on_card(shop, gone)
    assert "Stage: purchase\n" in (told := await on_card(shop, new))
    assert "Risk of churn: too little history\n" in told
    await kept_evaluation(store, [], None)
    assert (await on_card(shop, leaving)).count("(too little history to test)") == 3


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(GOOD, SOME, SOME), (NONE, GOOD, NONE), (GOOD, TOO_LITTLE, TOO_LITTLE), (TOO_LITTLE, NONE, NONE)],
)
def test_a_percentage_is_trusted_as_far_as_the_worse_of_two(one: Trust, other: Trust, expected: Trust) -> None:
    assert worse(one, other) is worse(other, one) is expected


async def test_the_card_says_how_close_the_next_tier_is_what_it_brings_and_what_brought_others_there(
    store: Store,
) -> None:
    near, far = await customer(store), await customer(store, value=20)
    shop = await open_shop(store)
    days, money = lesson("order_days", 3.25, 1.0, 0.5), lesson("total", 120, 14.5, -0.8)
    await kept_evaluation(store, [days, money])
    told = await on_card(shop, near)
    expected = 70 * wilson(3, 40).low
    assert f"Worth €20.00 less than the least of the ordinary customers; expected gain: €{expected:.2f}\n" in told
    assert "In 90 days, money spent: €120.00 on average for those who climbed, €14.50 for the others" in told
    assert "days with an order" not in told
    assert "Worth" not in await on_card(shop, far)
    await kept_evaluation(store, [days], customers=0)
    told = await on_card(shop, near)
    assert "expected gain: not known yet\n" in told
    assert "In 90 days, days with an order: 3.2 on average for those who climbed, 1.0 for the others" in told
