"""What an admin changes in the FAQ is live, kept in the history, and can be taken back."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from crm_store.models import Agent, Audit, FaqPhrasing, FaqRevision
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry, FormField
from faq.matcher import Decision, decide
from support.access import add_agent
from support.imports.result import ImportResult
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge import history as faq_history
from support.knowledge.errors import BadEntryIdError, UnknownEntryError
from support.knowledge.importing import export_entries, import_entries
from support.knowledge.live_faq import LiveFaq

RETURNS = FaqEntry(
    "returns",
    {"en": ("How do I return an item?", "Can I send it back?", "Returns"), "zh-Hans": ("怎么退货？",)},
    {"en": "Within 30 days.", "zh-Hans": "30 天内。"},
    "orders",
    (FormField("order_number", required=True, ask={"en": "Which order?"}),),
)
HOURS = FaqEntry("hours", {"en": ("When are you open?",)}, {"en": "From nine to six."})


@pytest.fixture
async def admin(store: Store) -> Agent:
    async with store.unit() as unit:
        return await add_agent(unit, "Lin", "admin", 77)


@pytest.fixture
async def faq(store: Store) -> LiveFaq:
    await store.run(lambda unit: import_entries(unit, [RETURNS, HOURS]))
    live = LiveFaq()
    await live.refresh(store)
    return live


async def do(store: Store, work: Callable[[Unit], Awaitable[Any]]) -> Any:
    """One unit of work, as a press or a message is."""
    async with store.unit() as unit:
        return await work(unit)


async def exported(store: Store) -> list[FaqEntry]:
    async with store.read() as session:
        return await export_entries(session)


async def revisions(store: Store) -> list[tuple[str, str]]:
    async with store.read() as session:
        query = select(FaqRevision.entry_id, FaqRevision.action).order_by(FaqRevision.id)
        return [(entry_id, action) for entry_id, action in (await session.execute(query)).all()]


async def test_a_withdrawn_entry_answers_nobody_until_it_is_published(store: Store, admin: Agent, faq: LiveFaq) -> None:
    shown = await do(store, lambda unit: faq_admin.withdraw(unit, admin, "returns"))
    await faq.refresh(store)
    assert shown.withdrawn
    assert decide(faq.matcher.match("How do I return an item?"), faq.matcher.thresholds) is Decision.REFUSE
    assert [entry.id for entry in await exported(store)] == ["hours"]

    found = await do(store, lambda unit: faq_admin.find(unit, "return an", faq))
    assert [(kept.id, kept.withdrawn) for kept in found] == [("returns", True)]

    await do(store, lambda unit: faq_admin.publish(unit, admin, "returns"))
    await faq.refresh(store)
    assert faq.matcher.match("How do I return an item?")[0].confidence == 1


async def test_entries_are_found_by_id_by_likeness_and_by_their_words(store: Store, faq: LiveFaq) -> None:
    async def found(query: str) -> list[str]:
        return [kept.id for kept in await do(store, lambda unit: faq_admin.find(unit, query, faq))]

    assert await found("Returns ") == ["returns"]
    assert await found("how to return items") == ["returns"]
    assert await found("our") == ["hours"]
    assert await found("退货") == ["returns"]
    assert await found("100%") == []
    assert await found(" ") == []


async def test_every_change_is_kept_with_who_and_what(store: Store, admin: Agent, faq: LiveFaq) -> None:
    async def draft_and_publish(unit: Unit) -> None:
        draft = await faq_drafts.set_answer(unit, admin, "returns", "en", "Never.")
        assert draft
        await faq_drafts.publish(unit, admin, "returns", draft.stamp)
        draft = await faq_drafts.set_questions(unit, admin, "returns", "en", ["Return?"])
        assert draft
        await faq_drafts.publish(unit, admin, "returns", draft.stamp)

    await do(store, draft_and_publish)
    await do(store, lambda unit: faq_admin.withdraw(unit, admin, "returns"))
    page = await do(store, lambda unit: faq_history.page(unit, "returns"))
    assert [(line.who, line.action) for line in page.items] == [
        ("Lin", "withdrawn"),
        ("Lin", "wording"),
        ("Lin", "answer"),
        (None, "imported"),
    ]
    async with store.read() as session:
        newest = (await session.scalars(select(FaqRevision).order_by(FaqRevision.id.desc()))).first()
        audited = (await session.execute(select(Audit.action, Audit.agent_id, Audit.data).order_by(Audit.id))).all()
    assert newest
    assert newest.snapshot == {
        "category": "orders",
        "questions": {"en": ["Return?"], "zh-Hans": ["怎么退货？"]},
        "answers": {"en": "Never.", "zh-Hans": "30 天内。"},
        "withdrawn": True,
        "form": [
            {"slot": "order_number", "type": "text", "required": True, "ask": {"en": "Which order?"}, "choices": {}}
        ],
        "variants": [],
    }
    assert audited[-3:] == [
        ("faq.answer", admin.id, {"languages": ["en"]}),
        ("faq.wording", admin.id, {"languages": ["en"]}),
        ("faq.withdrawn", admin.id, None),
    ]


async def test_what_is_so_already_leaves_no_trace(store: Store, admin: Agent, faq: LiveFaq) -> None:
    before = await revisions(store)
    async with store.unit() as unit:
        assert not await faq_drafts.set_answer(unit, admin, "hours", "en", "From nine to six.\n")
        twice = ["When are you open?", "When are  you open?"]
        assert not await faq_drafts.set_questions(unit, admin, "hours", "en", twice)
        await faq_admin.publish(unit, admin, "hours")
        assert "faq" not in unit.topics
    assert await revisions(store) == before


async def test_nothing_can_be_done_to_an_entry_that_is_not_there(store: Store, admin: Agent) -> None:
    for work in (
        lambda unit: faq_admin.get(unit, "gone"),
        lambda unit: faq_drafts.set_answer(unit, admin, "gone", "en", "A"),
        lambda unit: faq_drafts.add_question(unit, admin, "gone", "en", "Q?"),
        lambda unit: faq_admin.withdraw(unit, admin, "gone"),
        lambda unit: faq_admin.publish(unit, admin, "gone"),
        lambda unit: faq_history.page(unit, "gone"),
    ):
        with pytest.raises(UnknownEntryError):
            await do(store, work)


async def test_an_import_adds_replaces_and_keeps_the_rest(store: Store, admin: Agent, faq: LiveFaq) -> None:
    shorter = FaqEntry("returns", {"en": ("Can I send it back?",)}, {"zh-Hans": "可以。"})
    new = FaqEntry("delivery", {"en": ("When will it come?",)}, {"en": "Soon."}, "orders")
    result = await do(store, lambda unit: import_entries(unit, [new, shorter], admin))
    assert result == ImportResult(added=1, changed=1)

    returns, hours, delivery = await exported(store)
    assert (hours.id, delivery.id, delivery.category) == ("hours", "delivery", "orders")
    assert (returns.questions, returns.answers, returns.form) == (
        {"en": ("Can I send it back?",)},
        {"zh-Hans": "可以。"},
        (),
    )
    assert (await revisions(store))[2:] == [("delivery", "imported"), ("returns", "imported")]


async def test_what_was_exported_changes_nothing_when_imported(store: Store, admin: Agent, faq: LiveFaq) -> None:
    entries = await exported(store)
    assert [(e.id, e.questions, e.answers, e.category, e.form) for e in entries] == [
        (e.id, e.questions, e.answers, e.category, e.form) for e in (RETURNS, HOURS)
    ]
    assert await do(store, lambda unit: import_entries(unit, entries)) == ImportResult(unchanged=2)
    assert len(await revisions(store)) == 2


async def test_an_imported_entry_is_published_even_if_it_was_withdrawn(
    store: Store, admin: Agent, faq: LiveFaq
) -> None:
    await do(store, lambda unit: faq_admin.withdraw(unit, admin, "hours"))
    assert await do(store, lambda unit: import_entries(unit, [RETURNS, HOURS])) == ImportResult(changed=1, unchanged=1)
    assert [entry.id for entry in await exported(store)] == ["returns", "hours"]


async def test_an_import_with_a_bad_id_changes_nothing(store: Store, faq: LiveFaq) -> None:
    with pytest.raises(BadEntryIdError):
        await do(store, lambda unit: import_entries(unit, [FaqEntry("new"), FaqEntry("not an id")]))
    assert len(await exported(store)) == 2


async def test_thousands_of_entries_go_in_and_are_changed(store: Store) -> None:
    def entries(last: str) -> list[FaqEntry]:
        return [FaqEntry(f"e-{n}", {"en": (f"What of {n}?", f"Is {n}?", last)}, {"en": f"{n}"}) for n in range(2000)]

    assert await do(store, lambda unit: import_entries(unit, entries("a"))) == ImportResult(added=2000)
    assert await do(store, lambda unit: import_entries(unit, entries("b"))) == ImportResult(changed=2000)
    assert await do(store, lambda unit: import_entries(unit, entries("b"))) == ImportResult(unchanged=2000)
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(FaqPhrasing)) == 6000
