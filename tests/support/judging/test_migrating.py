"""Who moved, and what those who did had in common, from rows written by hand."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import event

from crm_store.store import Store
from support.judging.climbing import Page, upgrades
from support.judging.migrating import MigrationError, MigrationReport, Wanted, migrated
from tests.support.contacts import at, written
from tests.support.judging.moving import climbing_shop
from tests.support.shop import open_shop

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)


async def report(store: Store, wanted: Wanted) -> MigrationReport:
    return await migrated((await open_shop(store)).desk, wanted, at(40))


def pairs(found: MigrationReport) -> dict[tuple[str | None, str | None], int]:
    return {(move.source, move.target): move.customers for move in found.migration.moves}


async def test_moves_are_counted_from_the_newest_change_up_to_each_day(store: Store) -> None:
    await written(store, climbing_shop)
    found = await report(store, Wanted(FIRST, LAST))
    assert pairs(found) == {
        ("major", "ordinary"): 2,
        ("small", "ordinary"): 12,
        ("small", "small"): 30,
        (None, "small"): 1,
    }
    assert (found.migration.up, found.migration.down, found.migration.stayed) == (12, 2, 30)
    assert found.recorded_since == FIRST


async def test_a_change_at_the_end_of_a_day_counts_for_it_and_later_ones_do_not(store: Store) -> None:
    await written(store, climbing_shop)
    before, after = (
        await report(store, Wanted(FIRST, date(2026, 9, 19))),
        await report(store, Wanted(FIRST, date(2026, 9, 20))),
    )
    assert (before.migration.up, after.migration.up) == (0, 12)


async def test_stages_and_segments_move_too(store: Store) -> None:
    await written(store, climbing_shop)
    stages = await report(store, Wanted(FIRST, LAST, "stage"))
    assert pairs(stages) == {("use", "use"): 30, ("use", "churn"): 2, ("purchase", "use"): 12, (None, "purchase"): 1}
    assert pairs(await report(store, Wanted(FIRST, LAST, "segment")))[("loyal", "loyal")] == 44


async def test_what_distinguishes_movers_is_what_the_rows_say(store: Store) -> None:
    await written(store, climbing_shop)
    found = {each.feature: each for each in (await report(store, Wanted(FIRST, LAST))).up}
    assert (found["order_days"].movers, found["order_days"].stayers) == (12, 30)
    assert (found["order_days"].movers_mean, found["order_days"].stayers_mean) == (2.5, 1.0)
    assert found["total"].stayers_mean == pytest.approx(12.0)
    assert "rating" not in found
    assert all(each.low > 0 for each in found.values())


async def test_where_everybody_stood_is_found_once(sqlite_store: Store) -> None:
    sent: list[str] = []
    event.listen(sqlite_store.reader.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2]))
    shop = await open_shop(sqlite_store)
    await migrated(shop.desk, Wanted(FIRST, LAST), at(40))
    await upgrades(shop.desk, at(40), Page())
    assert len([statement for statement in sent if "lead(score_change.at)" in statement]) == 2


async def test_a_shop_without_standings_says_so(store: Store) -> None:
    found = await report(store, Wanted())
    assert (found.migration.moves, found.up, found.down, found.recorded_since) == ((), (), (), None)
    assert (found.until - found.since).days == 90


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(LAST, FIRST), "not before"),
        (Wanted(FIRST, FIRST), "not before"),
        (Wanted(FIRST, date(2027, 1, 1)), "yet to come"),
        (Wanted(date(1, 1, 1), LAST), "before 1970"),
        (Wanted(FIRST, LAST, "mood"), "“mood”"),
    ],
)
async def test_bad_days_and_groups_are_refused(sqlite_store: Store, wanted: Wanted, told: str) -> None:
    with pytest.raises(MigrationError, match=told):
        await report(sqlite_store, wanted)
