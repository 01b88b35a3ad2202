"""A whole FAQ goes in at once: by a few statements, all or nothing, and what the file is silent about stays."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm.exc import StaleDataError

from crm_store.models import Audit, FaqAnswer, FaqEntryRow, FaqPhrasing, FaqRevision
from crm_store.repositories import faq_bulk
from crm_store.store import Store
from faq.entry import FaqEntry, FormField, Variant
from support.imports.result import ImportResult
from support.knowledge.entries import known_row
from support.knowledge.importing import export_entries, import_entries

RETURNS = FaqEntry(
    "returns",
    {"en": ("How do I return an item?", "Returns"), "zh-Hans": ("怎么退货？",)},
    {"en": "Within 30 days.", "zh-Hans": "30 天内。"},
    "orders",
    (FormField("why", "choice", ask={"en": "Why?"}, choices={"en": ("Broken", "Late")}),),
    (Variant({"en": "At any time."}, ("vip",), ("churn",)),),
)
HOURS = FaqEntry("hours", {"en": ("When are you open?",)}, {"en": "From nine to six."})


async def put(store: Store, *entries: FaqEntry, silent: tuple[str, ...] = ()) -> ImportResult:
    return await store.run(lambda unit: import_entries(unit, entries, silent=silent))


async def exported(store: Store) -> list[FaqEntry]:
    async with store.read() as session:
        return await export_entries(session)


async def test_everything_that_an_entry_has_comes_out_again(store: Store) -> None:
    assert await put(store, RETURNS, HOURS) == ImportResult(added=2)
    assert await exported(store) == [RETURNS, HOURS]
    assert await put(store, RETURNS, HOURS) == ImportResult(unchanged=2)


@pytest.mark.parametrize(
    "changed",
    [
        replace(RETURNS, form=()),
        replace(RETURNS, variants=()),
        replace(RETURNS, category=""),
        replace(RETURNS, phrasings={"zh-Hant": ("怎麼退貨？",), "en": ("Returns",)}),
        replace(RETURNS, answers={"zh-Hant": "三十天內。"}),
        replace(RETURNS, form=(replace(RETURNS.form[0], choices={"en": ("Late", "Broken")}),)),
    ],
)
async def test_whatever_a_file_says_is_taken_over(store: Store, changed: FaqEntry) -> None:
    await put(store, RETURNS, HOURS)
    assert await put(store, changed) == ImportResult(changed=1)
    assert await exported(store) == [changed, HOURS]
    async with store.read() as session:
        versions = (await session.execute(select(FaqEntryRow.id, FaqEntryRow.version))).all()
    assert {row.id: row.version for row in versions} == {"returns": 2, "hours": 1}


async def test_what_a_sheet_is_silent_about_stays(store: Store) -> None:
    await put(store, RETURNS)
    said = FaqEntry("returns", {"en": ("Send it back?",)}, {"en": "Yes."})
    fresh = FaqEntry("new", {"en": ("New?",)}, {"en": "Yes."})
    assert await put(store, said, fresh, silent=("form", "variants", "category")) == ImportResult(added=1, changed=1)
    assert await exported(store) == [replace(RETURNS, phrasings=said.phrasings, answers=said.answers), fresh]
    assert await put(store, said, silent=("form", "variants", "category")) == ImportResult(unchanged=1)


async def test_each_change_is_kept_in_the_history(store: Store) -> None:
    await put(store, RETURNS, HOURS)
    await put(store, RETURNS, replace(HOURS, answers={"en": "Always."}))
    async with store.read() as session:
        revisions = (await session.scalars(select(FaqRevision).order_by(FaqRevision.id))).all()
        audits = (await session.execute(select(Audit.action, Audit.object_id).order_by(Audit.id))).all()
    assert [(each.entry_id, each.action, each.snapshot["answers"]["en"]) for each in revisions] == [
        ("returns", "imported", "Within 30 days."),
        ("hours", "imported", "From nine to six."),
        ("hours", "imported", "Always."),
    ]
    assert revisions[0].snapshot["form"][0]["choices"] == {"en": ["Broken", "Late"]}
    assert [tuple(each) for each in audits] == [
        ("faq.imported", entry_id) for entry_id in ("returns", "hours", "hours")
    ]


async def test_thousands_take_a_few_statements_and_tell_how_far_they_are(store: Store) -> None:
    statements: list[str] = []
    told: list[tuple[int, int]] = []
    for engine in (store.reader, store.writer):
        event.listen(engine.sync_engine, "after_cursor_execute", lambda _c, _cur, sql, *_: statements.append(sql))
    for last, expected in (("a", ImportResult(added=2500)), ("b", ImportResult(changed=2499, unchanged=1))):
        entries = [
            FaqEntry(f"e-{n}", {"en": (f"What of {n}?", f"{n}{last if n else ''}")}, {"en": "x"}) for n in range(2500)
        ]
        statements.clear()
        told.clear()
        result = await store.run(partial(import_entries, entries=entries, progress=lambda *far: told.append(far)))
        assert result == expected
        assert len(statements) < 60
        assert told[-1] == (2500, 2500)
        assert len(told) == 4
    async with store.read() as session:
        counts = [await session.scalar(select(func.count()).select_from(table)) for table in (FaqPhrasing, FaqAnswer)]
    assert counts == [5000, 2500]


async def test_an_entry_that_an_admin_changed_meanwhile_is_not_written_over(store: Store) -> None:
    await put(store, RETURNS)
    async with store.unit() as unit:
        states = await faq_bulk.states(unit)
        async with store.unit() as other:
            (await known_row(other, "returns")).category = "of the admin"
        with pytest.raises(StaleDataError):
            await faq_bulk.write(unit, [states["returns"]])
        await unit.session.rollback()
    assert [entry.category for entry in await exported(store)] == ["of the admin"]


async def test_what_fails_on_its_way_leaves_nothing(store: Store) -> None:
    class LostError(Exception):
        pass

    def progress(done: int, _: int) -> None:
        if done:
            raise LostError

    entries = [FaqEntry(f"e-{n}", {"en": (f"What of {n}?",)}, {"en": "x"}) for n in range(2500)]
    with pytest.raises(LostError):
        await store.run(lambda unit: import_entries(unit, entries, progress=progress))
    assert await exported(store) == []
    assert await put(store, HOURS) == ImportResult(added=1)
