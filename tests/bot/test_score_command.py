"""`touchdesk score`: as of a day that may be judged, in the shop's own time, and never beside another scoring."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.scoring import WAITING, scored
from bot.settings import Settings, read_settings
from crm_store.alone import alone
from crm_store.models import Schedule, Score, ScoreChange
from crm_store.store import Store
from support.imports.importing import import_rows
from support.scoring import rescore
from support.scoring.days import AsOfError, JudgedLaterError
from support.scoring.nightly import WORK
from tests.bot.conftest import Run

MORNING_IN_SHANGHAI = datetime(2026, 11, 20, 23, tzinfo=UTC)


@pytest.fixture
async def filled(store: Store) -> Store:
    store.clock = lambda: MORNING_IN_SHANGHAI
    order = {"order_id": "1", "customer_id": "C-1", "date": "2026-11-21", "amount": "10"}
    await import_rows(store, "customers", enumerate([{"customer_id": "C-1"}], 1), name="customers")
    await import_rows(store, "orders", enumerate([order], 1), name="orders")
    return store


def settings(zone: str) -> Settings:
    return read_settings(timezone=zone)


async def test_today_is_the_shops(filled: Store) -> None:
    assert await scored(settings("UTC"), filled, None) == "0 customers scored as of 2026-11-20"
    assert await scored(settings("Asia/Shanghai"), filled, None) == "1 customers scored as of 2026-11-21"
    async with filled.read() as session:
        assert "evaluate:due" in {row.key for row in await session.scalars(select(Schedule))}


async def test_a_day_before_the_last_scoring_or_yet_to_come_is_refused(filled: Store) -> None:
    await scored(settings("Asia/Shanghai"), filled, None)
    with pytest.raises(JudgedLaterError, match="2026-11-20 is before 2026-11-21, as of which"):
        await scored(settings("Asia/Shanghai"), filled, date(2026, 11, 20))
    with pytest.raises(AsOfError, match="2026-11-22 is yet to come; today is 2026-11-21"):
        await scored(settings("Asia/Shanghai"), filled, date(2026, 11, 22))
    assert await scored(settings("Asia/Shanghai"), filled, date(2026, 11, 21)) == "1 customers scored as of 2026-11-21"


async def test_a_clock_set_back_changes_nothing_unless_the_last_day_was_the_wrong_one(filled: Store) -> None:
    await rescore(filled, date(2036, 11, 21))
    assert await scored(settings("UTC"), filled, None) == "1 customers scored as of 2036-11-21"
    filled.clock = lambda: MORNING_IN_SHANGHAI + timedelta(days=1)
    assert await scored(settings("UTC"), filled, date(2026, 11, 21)) == "1 customers scored as of 2026-11-21"
    assert await scored(settings("UTC"), filled, None) == "1 customers scored as of 2026-11-21"


async def test_it_waits_for_another_scoring_and_says_so(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    async with asyncio.TaskGroup() as tasks, alone(filled, WORK):
        task = tasks.create_task(scored(settings("Asia/Shanghai"), filled, None))
        await asyncio.sleep(0.5)
        assert capsys.readouterr().err == f"{WAITING}\n"
        assert not task.done()
    assert task.result().startswith("1 customers")
    assert capsys.readouterr().err == ""


async def test_two_at_once_tell_each_change_once(filled: Store) -> None:
    both = (scored(settings("Asia/Shanghai"), filled, None) for _ in range(2))
    assert set(await asyncio.gather(*both)) == {"1 customers scored as of 2026-11-21"}
    async with filled.read() as session:
        assert len((await session.scalars(select(ScoreChange))).all()) == 1
        assert len((await session.scalars(select(Score))).all()) == 1


def test_what_cannot_be_is_told_and_ends_with_1(run: Run) -> None:
    done = run("score", "--as-of", "2999-01-01")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("2999-01-01 is yet to come; today is ")
    assert run("score").code == 0
    done = run("score", "--as-of", "2020-01-01")
    assert done.code == 1
    assert "2020-01-01 is before " in done.err
