"""After an import the customers that it touched stand where all their orders put them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from sqlalchemy import delete, select

from analytics.histories import histories
from analytics.judgement import judged, judged_alone
from analytics.one_customer import rescored_one
from analytics.order_days import OrderDays
from analytics.orders import read_orders
from analytics.shop_model import learnt
from analytics.tiers import TierLimits
from crm_store.models import Customer, Schedule, ScoreChange
from crm_store.queries import scoring
from crm_store.store import Store
from support.imports.importing import import_rows
from support.imports.kinds import Kind
from support.scoring import asking, rescore
from support.scoring.nightly import newest_model
from support.scoring.reading import read_orders as stored_orders
from support.scoring.touched import judge_again
from tests.analytics.shops import TODAY, Sale, columns, shops
from tests.support.judged import scores

DAY = date(2026, 6, 30)


def rows(*orders: tuple[str, str, str, str]) -> list[dict[str, str]]:
    names = ("order_id", "customer_id", "date", "amount")
    return [dict(zip(names, order, strict=True)) | {"currency": "EUR"} for order in orders]


async def add(store: Store, kind: Kind, cells: Sequence[dict[str, str]]) -> None:
    await import_rows(store, kind, enumerate(cells, 1), name=kind)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the night had learned of a shop with many customers."""
    monkeypatch.setattr("support.scoring.touched.FEW", 1)
    monkeypatch.setattr("support.scoring.touched.MOST_SHARE", 1)


@pytest.fixture
async def shop(store: Store, known: None) -> Store:
    await add(store, "customers", [{"customer_id": f"C-{n}"} for n in range(6)])
    orders = [(f"o{n}-{m}", f"C-{n}", f"2026-0{m}-1{n}", f"{10 * n + m}.50") for n in range(5) for m in range(1, n + 2)]
    await add(store, "orders", rows(*orders))
    await rescore(store, DAY)
    async with store.write() as connection:
        await connection.execute(delete(Schedule))
    return store


async def asked(store: Store) -> list[Schedule]:
    async with store.read() as session:
        return list(await session.scalars(select(Schedule)))


async def run_asked(store: Store) -> list[str]:
    """What the timetable does with them; returns whom it judged."""
    touched: list[int] = []
    for row in await asked(store):
        assert row.job == asking.JOB
        touched += row.payload["customers"]
        assert await judge_again(store, row.payload["customers"], DAY)
    async with store.read() as session:
        query = select(Customer.external_id).where(Customer.id.in_(touched)).order_by(Customer.external_id)
        return [str(name) for name in await session.scalars(query)]


async def check_against_all_orders(store: Store) -> None:
    """Value and risk, and all that is counted, are those of judging everybody by the same night's model."""
    shop = await newest_model(store)
    assert shop
    async with scoring.snapshot(store) as connection:
        orders = await stored_orders(connection, DAY, shop.currency)
    people = histories(orders, OrderDays.of(orders), shop.rates.decay_days)
    expected = {row.customer_id: row for row in judged(people, shop, DAY).rows()}
    kept = {row.customer_id: row for row in (await scores(store)).values() if row.order_count}
    assert kept.keys() == expected.keys()
    for who, row in kept.items():
        assert row.value == pytest.approx(expected[who].value, abs=1e-9)
        assert row.risk == (None if expected[who].risk is None else pytest.approx(expected[who].risk, abs=1e-9))
        for name in ("order_count", "order_days", "first_order", "last_order", "total", "uncosted", "left_out"):
            assert getattr(row, name) == getattr(expected[who], name), name


async def test_an_import_asks_for_those_it_touched(shop: Store) -> None:
    await add(shop, "orders", rows(("n1", "C-0", "2026-06-29", "900"), ("n2", "C-5", "2026-06-29", "5")))
    assert await run_asked(shop) == ["C-0", "C-5"]
    await check_against_all_orders(shop)
    kept = await scores(shop)
    assert (kept["C-0"].order_count, kept["C-5"].stage) == (2, "purchase")
    async with shop.read() as session:
        newest = await session.scalar(select(ScoreChange.cause).order_by(ScoreChange.id.desc()).limit(1))
    assert newest == {"code": "order", "facts": {"orders": 1, "before": 0}}


async def test_a_rank_is_the_nights_as_long_as_the_tier_is_the_same(shop: Store) -> None:
    night = {who: (row.tier, row.rank) for who, row in (await scores(shop)).items()}
    assert night["C-0"] == ("small", 4)
    await add(shop, "orders", rows(("n1", "C-0", "2026-06-29", "1"), ("n2", "C-1", "2026-06-29", "9000")))
    await run_asked(shop)
    after = {who: (row.tier, row.rank) for who, row in (await scores(shop)).items()}
    assert after["C-0"] == ("small", 4)
    assert after["C-1"] == ("vip", None)
    assert {who: after[who] for who in ("C-2", "C-3", "C-4")} == {who: night[who] for who in ("C-2", "C-3", "C-4")}


async def test_doing_it_twice_changes_nothing(shop: Store) -> None:
    await add(shop, "orders", rows(("n1", "C-1", "2026-06-29", "900")))
    await run_asked(shop)
    before = {who: (row.value, row.order_count) for who, row in (await scores(shop)).items()}
    await run_asked(shop)
    assert {who: (row.value, row.order_count) for who, row in (await scores(shop)).items()} == before


async def test_a_changed_order_touches_its_former_owner_too(shop: Store) -> None:
    await add(shop, "orders", rows(("o0-1", "C-3", "2026-01-10", "1.50")))
    assert await run_asked(shop) == ["C-0", "C-3"]
    await check_against_all_orders(shop)
    kept = await scores(shop)
    assert (kept["C-0"].stage, kept["C-0"].tier, kept["C-3"].order_count) == ("awareness", None, 5)
    async with shop.read() as session:
        query = select(ScoreChange.cause).where(ScoreChange.customer_id == kept["C-0"].customer_id)
        assert (await session.scalars(query.order_by(ScoreChange.id.desc()).limit(1))).one() == {
            "code": "corrected",
            "facts": {"orders": 0, "before": 1},
        }


async def test_the_same_rows_again_ask_for_nothing(shop: Store) -> None:
    await add(shop, "orders", rows(("o0-1", "C-0", "2026-01-10", "1.50")))
    assert await asked(shop) == []


async def test_many_rows_ask_for_a_full_night(shop: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("support.imports.kinds.MOST_TOUCHED", 1)
    await add(shop, "orders", rows(("n1", "C-0", "2026-06-29", "9"), ("n2", "C-5", "2026-06-29", "5")))
    assert [(row.key, row.job) for row in await asked(shop)] == [("score:orders", "score")]


async def test_by_a_shop_of_which_little_is_known_nobody_is_judged(
    shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(shop, "orders", rows(("n1", "C-0", "2026-06-29", "900"), ("n2", "C-1", "2026-06-29", "5")))
    (row,) = await asked(shop)
    for name, value in (("FEW", 6), ("MOST_SHARE", 3)):
        with monkeypatch.context() as patch:
            patch.setattr(f"support.scoring.touched.{name}", value)
            assert not await judge_again(shop, row.payload["customers"], DAY)
    assert (await scores(shop))["C-0"].value < 100
    assert await judge_again(shop, row.payload["customers"], DAY)
    assert (await scores(shop))["C-0"].value > 100


async def test_without_a_night_before_nobody_is_judged(store: Store, known: None) -> None:
    await add(store, "customers", [{"customer_id": "C-1"}])
    await add(store, "orders", rows(("1", "C-1", "2026-06-01", "9")))
    (row,) = await asked(store)
    assert not await judge_again(store, row.payload["customers"], DAY)
    await rescore(store, date(2026, 5, 1))
    assert not await judge_again(store, row.payload["customers"], DAY), "of an empty night"
    assert {score.tier for score in (await scores(store)).values()} <= {None}


async def test_the_erased_are_not_judged_again(shop: Store) -> None:
    async with shop.read() as session:
        who = await session.scalar(select(Customer.id).where(Customer.external_id == "C-2"))
    assert who
    unit = shop.open_unit()
    customer = await unit.session.get_one(Customer, who)
    customer.erased_at = datetime(2026, 6, 30, tzinfo=UTC)
    await shop.commit(unit)
    await unit.close()
    await judge_again(shop, [who], DAY)
    assert "C-2" not in await scores(shop)


@given(shops, shops)
@settings(max_examples=50, deadline=None)
def test_some_at_once_are_judged_as_each_alone(before: list[Sale], after: list[Sale]) -> None:
    model, _ = learnt(read_orders(columns(before), TODAY), TODAY, 90, TierLimits())
    orders = read_orders(columns(after), TODAY)
    people = histories(orders, OrderDays.of(orders), model.rates.decay_days)
    for row in judged_alone(people, model, TODAY).rows():
        alone = rescored_one(row.history, model, TODAY)
        assert alone
        assert _alike(row, alone)


def _alike(one: object, other: object) -> bool:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return all(
        np.isclose(a, b, rtol=1e-12, atol=1e-9) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(one, other, strict=True)
    )
