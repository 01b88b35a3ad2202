"""How far scores can be trusted: from orders in the store to what stands beside a score."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from analytics.evaluation import Trust, back_test
from analytics.orders import read_orders
from analytics.tiers import TierLimits
from crm_store.ids import new_id
from crm_store.models import Order, ShopModel
from crm_store.queries import card
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents.card import word_card
from support.agents.voice import Voice
from support.judging.evaluating import AsOfError, evaluate_and_keep, evaluated, worded
from support.scoring import rescore
from tests.analytics.shops import TODAY, steady_shop
from tests.support.contacts import Ledger, at, written
from tests.support.judging.moving import climbing_shop, scored
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


async def keep(shop: Shop, trust: Trust | None, lessons: list[dict[str, object]]) -> None:
    step = {"tier": "small", "target": "ordinary", "bar": 100.0, "usual": 150.0, "climbed": 3, "customers": 40}
    tested = {"risk": {"trust": trust.value}} if trust else None
    evaluation: dict[str, object] = {"back_test": tested, "climbs": [{"step": step, "lessons": lessons}]}
    await shop.run(lambda unit: made(unit, evaluation))


async def made(unit: Unit, evaluation: dict[str, object]) -> None:
    unit.add(ShopModel(id=new_id(), as_of=unit.now, model={}, evaluation=evaluation))
    unit.add(ShopModel(id=new_id(), as_of=unit.now, model={}, evaluation=None))


async def test_the_card_says_how_far_the_risk_can_be_trusted_and_how_close_the_next_tier_is(store: Store) -> None:
    ids: list[int] = []

    def tell(ledger: Ledger) -> None:
        for value, risk in ((80, 0.59), (20, None)):
            who = ledger.customer()
            scored(ledger, who, "small", value, risk=risk)
            ids.append(who.customer_id)

    await written(store, tell)
    shop = await open_shop(store)
    assert "trusted" not in await on_card(shop, ids[0])
    await keep(shop, Trust.SOME, [{"feature": "order_days", "movers_mean": 3.25, "stayers_mean": 1.0}])
    near, far = await on_card(shop, ids[0]), await on_card(shop, ids[1])
    assert "Risk of churn: 59% (can be trusted somewhat)" in near
    assert "€20.00 short of ordinary; those who climbed ordered on 3.2 days in 90, the others on 1.0" in near
    assert "trusted" not in far
    assert "short of" not in far
    await keep(shop, None, [])
    assert "(too little history to say)" in await on_card(shop, ids[0])
    assert "€20.00 short of ordinary\n" in await on_card(shop, ids[0]) + "\n"
