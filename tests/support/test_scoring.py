"""Scores are kept for those who have ordered, and for nobody else."""

import csv
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, select

from bot.sample_shop import load_sample
from crm_store.models import Customer, Order, Score
from crm_store.store import Store
from support.imports.importing import import_rows
from support.scoring import rescore

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


async def scores(store: Store) -> dict[str, Score]:
    async with store.read() as session:
        query = select(Customer.external_id, Score).join(Score, Score.customer_id == Customer.id)
        return {str(external_id): score for external_id, score in (await session.execute(query)).all()}


async def test_scores_follow_from_the_orders_until_that_day(shop: Store) -> None:
    assert await rescore(shop, date(2026, 3, 1)) == 2

    kept = await scores(shop)
    assert set(kept) == {"C-1", "C-2"}
    best = kept["C-1"]
    assert best.value > kept["C-2"].value
    assert (best.currency, best.tier, best.order_count) == ("EUR", "vip", 2)
    assert (best.last_order, best.days_silent, best.usual_gap_days) == (date(2026, 1, 31), 29, 30.0)
    assert best.as_of == datetime(2026, 3, 1, tzinfo=UTC)
    assert (kept["C-2"].order_count, kept["C-2"].risk, kept["C-2"].stage) == (1, None, "purchase")


async def test_scoring_again_replaces(shop: Store) -> None:
    await rescore(shop, date(2026, 3, 1))
    assert await rescore(shop, date(2026, 6, 2)) == 2
    assert {who: score.order_count for who, score in (await scores(shop)).items()} == {"C-1": 2, "C-2": 2}


async def test_who_has_no_order_has_no_score(shop: Store) -> None:
    await rescore(shop, date(2026, 6, 2))
    async with shop.write() as connection:
        await connection.execute(delete(Order).where(Order.external_id.in_(["3", "4"])))
    assert await rescore(shop, date(2026, 6, 2)) == 1
    assert set(await scores(shop)) == {"C-1"}
    assert await rescore(shop, date(2025, 1, 1)) == 0
    assert await scores(shop) == {}


async def test_the_sample_shop_is_a_living_one(store: Store) -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    await load_sample(store, now)
    await load_sample(store, now)

    async with store.read() as session:
        days = (await session.scalars(select(Order.date))).all()
    kept = (await scores(store)).values()
    assert max(days) == date(2026, 5, 3)
    assert {score.tier for score in kept} == {"vip", "major", "ordinary", "small"}
    assert any(score.at_risk for score in kept)
    assert any(score.stage == "loyalty" and not score.at_risk for score in kept)
