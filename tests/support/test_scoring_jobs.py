"""The timetable judges everybody at night in the shop, and in between those whose orders have changed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.models import Customer, Order, Schedule, Score, ScoreChange, ShopModel
from crm_store.store import Store
from support.customers.merging import merge, unmerge
from support.imports.importing import import_rows
from support.scoring import asking, jobs, rescore
from support.scoring.nightly import newest_model
from support.scoring.touched import judge_again
from support.working_hours import WorkingHours
from tests.support.contacts import written
from tests.support.judging.moving import climbing_shop
from tests.support.shop import Shop, open_shop
from workers.timetable import Timetable

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def begin(shop: Shop) -> Timetable:
    await shop.run(lambda unit: jobs.plan(shop.desk, unit))
    return Timetable(shop.store, jobs.Judging(shop.desk).jobs)


async def run(timetable: Timetable) -> int:
    """Until nothing is due any more; returns how many jobs ran."""
    ran = 0
    while some := await timetable.step():
        ran += some
    return ran


async def buy(shop: Shop, *orders: tuple[str, str, float], currency: str = "EUR") -> None:
    """Customer, day, amount."""
    who = [{"customer_id": name} for name in dict.fromkeys(name for name, _, _ in orders)]
    await import_rows(shop.store, "customers", enumerate(who, 1), name="customers")
    known = len(await shop.rows(Order))
    rows = [
        {"order_id": f"o{nth}", "customer_id": name, "date": day, "amount": str(amount), "currency": currency}
        for nth, (name, day, amount) in enumerate(orders, known)
    ]
    await import_rows(shop.store, "orders", enumerate(rows, 1), name="orders")


async def planned(shop: Shop) -> dict[str, datetime]:
    return {row.key: row.next_run_at for row in await shop.rows(Schedule)}


async def kept_evaluations(shop: Shop) -> list[dict[str, Any]]:
    return [row.evaluation for row in await shop.rows(ShopModel) if row.evaluation]


async def test_a_shop_that_starts_empty_and_then_imports_has_a_pyramid_and_no_false_moves(shop: Shop) -> None:
    timetable = await begin(shop)
    await run(timetable)
    await buy(shop, *((f"C-{n}", "2026-11-02", 10.0 + n) for n in range(100)))
    await run(timetable)
    scores = await shop.rows(Score)
    assert Counter(row.tier for row in scores) == {"vip": 1, "major": 4, "ordinary": 15, "small": 80}
    assert all(row.value > 0 for row in scores)
    changes = await shop.rows(ScoreChange)
    assert {row.cause["code"] for row in changes} == {"first"}
    assert len(changes) == 100


async def test_many_small_imports_ask_for_one_scoring_of_all(shop: Shop) -> None:
    timetable = await begin(shop)
    await run(timetable)
    for n in range(5):
        await buy(shop, (f"C-{n}", "2026-11-02", 10.0))
    assert await timetable.step() == 5
    assert [row.job for row in await shop.rows(Schedule) if row.key == "score:orders"] == ["score"]
    await run(timetable)
    assert len(await shop.rows(Score)) == 5


async def test_it_is_night_when_it_is_night_in_the_shop(shop: Shop) -> None:
    shop.desk.hours = WorkingHours.parse(None, "Asia/Shanghai")
    await run(await begin(shop))
    night = datetime(2026, 11, 20, 19, tzinfo=UTC)
    assert (await planned(shop))["score"] == night
    timetable = await begin(shop)
    shop.now = night + timedelta(seconds=7)
    assert await run(timetable)
    assert (await planned(shop))["score"] == night + timedelta(days=1)
    shop.now = night + timedelta(days=9, hours=5)
    await run(timetable)
    assert (await planned(shop))["score"] == night + timedelta(days=10)


async def test_the_first_start_judges_at_once_and_a_later_one_waits_for_the_night(shop: Shop) -> None:
    timetable = await begin(shop)
    assert set(await planned(shop)) == {"score", "score:orders"}
    await run(timetable)
    assert await newest_model(shop.store)
    await begin(shop)
    assert set(await planned(shop)) == {"score"}


async def test_it_is_today_in_the_shop(shop: Shop) -> None:
    shop.desk.hours = WorkingHours.parse(None, "Asia/Shanghai")
    timetable = await begin(shop)
    shop.now = datetime(2026, 11, 20, 23, tzinfo=UTC)
    await buy(shop, ("C-1", "2026-11-21", 10.0), ("C-1", "2026-11-20", 10.0))
    await run(timetable)
    (row,) = await shop.rows(Score)
    model = await newest_model(shop.store)
    assert model
    assert (model.as_of, row.tier) == (date(2026, 11, 21), "vip")
    assert model.totals.marks == (20.0,)


async def test_a_clock_that_was_set_back_takes_nothing_away(shop: Shop) -> None:
    timetable = await begin(shop)
    await buy(shop, ("C-1", "2026-11-02", 10.0), ("C-2", "2026-11-20", 10.0))
    await run(timetable)
    before = {row.customer_id: row.tier for row in await shop.rows(Score)}
    shop.now -= timedelta(days=400)
    async with shop.store.write() as connection:
        await connection.execute(delete(Schedule))
    timetable = await begin(shop)
    await shop.run(asking.ask_to_judge_all)
    with structlog.testing.capture_logs() as logs:
        assert await run(timetable)
    assert {row.customer_id: row.tier for row in await shop.rows(Score)} == before
    assert {line["event"] for line in logs} >= {"scoring.clock"}
    model = await newest_model(shop.store)
    assert model
    assert model.as_of == date(2026, 11, 20)


async def test_how_well_it_works_is_found_out_as_soon_as_there_are_orders_and_then_every_week(shop: Shop) -> None:
    shop.now = datetime(2026, 9, 30, 12, tzinfo=UTC)
    timetable = await begin(shop)
    await run(timetable)
    assert not await kept_evaluations(shop)
    await written(shop.store, climbing_shop)
    await shop.run(asking.ask_to_judge_all)
    await run(timetable)
    (first,) = await kept_evaluations(shop)
    assert first["as_of"] == "2026-09-30"
    assert first["back_test"]
    for _ in range(8):
        shop.now += timedelta(days=1)
        await run(timetable)
    assert [kept["as_of"] for kept in await kept_evaluations(shop)] == ["2026-09-30", "2026-10-07"]
    assert set(await planned(shop)) == {"score"}


async def test_scorings_of_one_day_keep_one_model_and_the_evaluation(shop: Shop) -> None:
    shop.now = datetime(2026, 9, 30, 12, tzinfo=UTC)
    await written(shop.store, climbing_shop)
    await run(await begin(shop))
    (before,) = await shop.rows(ShopModel)
    assert before.evaluation
    await rescore(shop.store, shop.now.date())
    (after,) = await shop.rows(ShopModel)
    assert (after.evaluation, after.id > before.id) == (before.evaluation, True)


async def test_records_that_are_merged_or_taken_apart_are_judged_at_once_and_why_is_said(shop: Shop) -> None:
    timetable = await begin(shop)
    for amount in (10.0, 500.0):
        await buy(shop, *((f"C-{n}", "2026-11-02", amount + n) for n in range(30)))
    await run(timetable)
    async with shop.store.read() as session:
        query = select(Customer.id).where(Customer.external_id.in_(["C-0", "C-29"])).order_by(Customer.external_id)
        kept, gone = await session.scalars(query)
    told = len(await shop.rows(ScoreChange))
    done = await shop.run(lambda unit: merge(unit, kept, gone, None))
    await run(timetable)
    assert gone not in {row.customer_id for row in await shop.rows(Score)}
    await shop.run(lambda unit: unmerge(unit, done.id, None))
    await run(timetable)
    scores = {row.customer_id: row for row in await shop.rows(Score)}
    assert scores[gone].value > scores[kept].value > 0
    since = (await shop.rows(ScoreChange))[told:]
    assert {row.cause["code"] for row in since} == {"merged"}
    assert {row.customer_id for row in since} == {kept, gone}
    shop.pass_time(minutes=10)
    await run(timetable)
    assert {row.cause["code"] for row in (await shop.rows(ScoreChange))[told:]} <= {"merged", "others"}


async def test_an_order_that_comes_while_all_are_judged_is_not_lost(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("support.scoring.touched.FEW", 1)
    timetable = await begin(shop)
    await buy(shop, *((f"C-{n}", "2026-11-02", 10.0 + n) for n in range(20)))
    await run(timetable)
    is_read, may_write, write = asyncio.Event(), asyncio.Event(), shop.store.write

    @asynccontextmanager
    async def held_up() -> AsyncIterator[AsyncConnection]:
        is_read.set()
        await may_write.wait()
        async with write() as connection:
            yield connection

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        with monkeypatch.context() as patch:
            patch.setattr(shop.store, "write", held_up)
            tasks.create_task(rescore(shop.store, shop.now.date()))
            await is_read.wait()
        await buy(shop, ("C-7", "2026-11-19", 70.0))
        (asked,) = (row for row in await shop.rows(Schedule) if row.job == "score_touched")
        touched = tasks.create_task(judge_again(shop.store, asked.payload["customers"], shop.now.date()))
        await asyncio.sleep(0.3)
        may_write.set()
    assert touched.result()
    (who,) = asked.payload["customers"]
    assert {row.customer_id: row.stage for row in await shop.rows(Score)}[who] == "use"
    told = [(row.stage, row.cause["code"]) for row in await shop.rows(ScoreChange) if row.customer_id == who]
    assert told == [("purchase", "first"), ("use", "order")]


async def test_a_scoring_of_all_before_that_says_so_too(shop: Shop) -> None:
    await buy(shop, ("C-0", "2026-11-02", 10.0), ("C-1", "2026-11-03", 50.0), ("C-2", "2026-11-03", 60.0))
    await run(await begin(shop))
    kept, gone, _ = sorted(row.customer_id for row in await shop.rows(Score))
    told = len(await shop.rows(ScoreChange))
    await shop.run(lambda unit: merge(unit, kept, gone, None))
    await rescore(shop.store, shop.now.date())
    moved = {row.customer_id: row.cause["code"] for row in (await shop.rows(ScoreChange))[told:]}
    assert moved[kept] == "merged"
