"""Judgements are kept for those who have ordered, a stage for those who have not, and nothing for nobody."""

import csv
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select, update

from analytics.shop_model import ShopModel as AnalyticsModel
from bot.sample_shop import load_sample
from crm_store.models import Customer, Order, OrderHistory, ScoreChange, ShopModel
from crm_store.store import Store
from support.imports.importing import import_rows
from support.scoring import rescore
from tests.support.judged import scores

ORDERS = """order_id,customer_id,date,amount,currency
1,C-1,2026-01-01,100,EUR
2,C-1,2026-01-31,250.50,EUR
3,C-2,2026-02-10,20,USD
4,C-2,2026-06-01,20,USD
"""


@pytest.fixture
async def shop(store: Store) -> Store:
    customers = ({"customer_id": name} for name in ("C-1", "C-2", "C-3"))
    await import_rows(store, "customers", enumerate(customers, 1), name="customers")
    await import_rows(store, "orders", enumerate(csv.DictReader(ORDERS.splitlines()), 1), name="orders")
    return store


async def test_scores_follow_from_the_orders_until_that_day(shop: Store) -> None:
    assert await rescore(shop, date(2026, 3, 1)) == 2

    kept = await scores(shop)
    assert set(kept) == {"C-1", "C-2", "C-3"}
    best = kept["C-1"]
    assert best.value > kept["C-2"].value
    assert (best.currency, best.tier, best.order_count) == ("EUR", "vip", 2)
    assert (best.last_order, best.usual_gap_days) == (date(2026, 1, 31), 30.0)
    assert best.as_of == date(2026, 3, 1)
    assert (kept["C-2"].order_count, kept["C-2"].risk, kept["C-2"].stage) == (1, None, "purchase")


async def test_scoring_again_replaces(shop: Store) -> None:
    await rescore(shop, date(2026, 3, 1))
    assert await rescore(shop, date(2026, 6, 2)) == 2
    assert {who: score.order_count for who, score in (await scores(shop)).items()} == {"C-1": 2, "C-2": 2, "C-3": 0}


async def test_who_has_not_ordered_has_a_stage_alone(shop: Store) -> None:
    await rescore(shop, date(2026, 6, 2))
    async with shop.write() as connection:
        await connection.execute(delete(Order).where(Order.external_id.in_(["3", "4"])))
    assert await rescore(shop, date(2026, 6, 2)) == 1
    kept = await scores(shop)
    assert {who: score.stage for who, score in kept.items()} == {
        "C-1": "churn",
        "C-2": "awareness",
        "C-3": "awareness",
    }
    lost = kept["C-2"]
    assert (lost.tier, lost.segment, lost.risk, lost.last_order, lost.value, lost.order_count) == (*[None] * 4, 0, 0)
    assert await rescore(shop, date(2025, 1, 1)) == 0
    assert {score.stage for score in (await scores(shop)).values()} == {"awareness"}


async def test_nobody_has_no_score(shop: Store) -> None:
    await rescore(shop, date(2026, 6, 2))
    async with shop.write() as connection:
        erased = update(Customer).values(erased_at=datetime(2026, 6, 2, tzinfo=UTC))
        await connection.execute(erased.where(Customer.external_id.in_(["C-1", "C-3"])))
    assert await rescore(shop, date(2026, 6, 2)) == 1
    assert set(await scores(shop)) == {"C-2"}


async def test_a_night_counts_the_orders_of_whoever_has_ordered_since_and_once_a_week_all(shop: Store) -> None:
    await rescore(shop, date(2026, 3, 1))
    async with shop.write() as connection:
        await connection.execute(update(OrderHistory).values(total=1.0))
    await rescore(shop, date(2026, 6, 2), recount=False)
    kept = await scores(shop)
    assert [(kept[who].total, kept[who].left_out) for who in ("C-1", "C-2")] == [(1.0, 0), (0.0, 2)]
    assert kept["C-1"].value > kept["C-2"].value, "judged by the orders themselves"
    await rescore(shop, date(2026, 6, 2), recount=True)
    assert (await scores(shop))["C-1"].total == 350.5


@pytest.mark.parametrize("recount", [True, False])
async def test_of_orders_that_are_gone_nothing_is_kept(shop: Store, recount: bool) -> None:
    await rescore(shop, date(2026, 6, 2))
    async with shop.write() as connection:
        await connection.execute(delete(Order).where(Order.external_id.in_(["3", "4"])))
    await rescore(shop, date(2026, 6, 3), recount=recount)
    async with shop.read() as session:
        query = select(Customer.external_id).join(OrderHistory, OrderHistory.customer_id == Customer.id)
        assert list(await session.scalars(query)) == ["C-1"]
    assert (await changes(shop, "C-2"))[-1].cause["code"] == "corrected"


async def test_a_cost_is_that_of_its_own_order(shop: Store) -> None:
    """What is not known is left out where the orders are read, so that the others must find their places."""
    orders = (
        {"order_id": f"c{n}", "customer_id": "C-3", "date": f"2026-03-0{n}", "amount": "10", "currency": "EUR"}
        | ({"cost": str(n)} if n % 2 else {"cost": ""})
        for n in (5, 2, 3, 4)
    )
    await import_rows(shop, "orders", enumerate(orders, 1), name="orders")
    await rescore(shop, date(2026, 6, 2))
    kept = (await scores(shop))["C-3"]
    assert (kept.total, kept.cost, kept.uncosted) == (40.0, 8.0, 20.0)


async def changes(store: Store, external_id: str) -> list[ScoreChange]:
    async with store.read() as session:
        whose = select(Customer.id).where(Customer.external_id == external_id).scalar_subquery()
        query = select(ScoreChange).where(ScoreChange.customer_id == whose).order_by(ScoreChange.id)
        return list(await session.scalars(query))


async def test_every_move_is_noted_with_its_cause(shop: Store) -> None:
    await rescore(shop, date(2026, 2, 10))
    await rescore(shop, date(2026, 2, 10))
    first, *more = await changes(shop, "C-1")
    assert not more
    assert (first.former_stage, first.stage, first.cause) == (None, "use", {"code": "first", "facts": {"orders": 2}})

    await rescore(shop, date(2027, 2, 10))
    last = (await changes(shop, "C-1"))[-1]
    assert (last.former_stage, last.stage) == ("use", "churn")
    assert last.cause == {"code": "silence", "facts": {"days": 375}}
    of_other = (await changes(shop, "C-2"))[-1]
    assert of_other.cause == {"code": "order", "facts": {"orders": 2, "before": 1}}


async def test_what_was_learned_is_kept_and_the_oldest_forgotten(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_store.repositories.scores.MODELS_KEPT", 2)
    for day in (1, 2, 3):
        await rescore(shop, date(2026, 3, day))
    async with shop.read() as session:
        rows = list(await session.scalars(select(ShopModel).order_by(ShopModel.id)))
    assert [row.as_of.day for row in rows] == [2, 3]
    assert AnalyticsModel.from_data(rows[-1].model).currency == "EUR"
    assert rows[-1].evaluation is None


async def test_the_night_takes_the_shops_most_frequent_currency(shop: Store) -> None:
    await rescore(shop, date(2026, 3, 1))
    orders = (
        {"order_id": f"x{n}", "customer_id": "C-3", "date": "2026-03-05", "amount": "7", "currency": "USD"}
        for n in range(9)
    )
    await import_rows(shop, "orders", enumerate(orders, 1), name="orders")
    await rescore(shop, date(2026, 3, 6))
    kept = await scores(shop)
    assert {score.currency for score in kept.values()} == {"USD"}
    assert (kept["C-3"].total, kept["C-3"].left_out, kept["C-1"].left_out) == (63, 0, 2)


async def test_the_sample_shop_is_a_living_one(store: Store) -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    await load_sample(store, now)
    await load_sample(store, now)

    async with store.read() as session:
        days = (await session.scalars(select(Order.date))).all()
    kept = (await scores(store)).values()
    assert max(days) == date(2026, 5, 3)
    assert {score.tier for score in kept} >= {"vip", "major", "ordinary", "small"}
    assert any(score.at_risk for score in kept)
    assert any(score.stage == "loyalty" and not score.at_risk for score in kept)
