"""What an admin changes stays a draft until it is published, and no admin overwrites another unseen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from crm_store.models import Agent, Audit, FaqDraft, FaqRevision
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry, FormField, Variant
from support.access import add_agent
from support.errors import DeskError, TooLongError
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge.difference import AnswerChange, CategoryChange, Difference, QuestionsChange, difference
from support.knowledge.draft import Draft, seen_answer, seen_category
from support.knowledge.errors import (
    BadEntryIdError,
    ChangedMeanwhileError,
    EntryExistsError,
    LongCategoryError,
    NeedsTextError,
    NoDraftError,
    UnfinishedDraftError,
    UnknownFaqLanguageError,
)
from support.knowledge.importing import export_entries, import_entries
from support.knowledge.snapshots import content_of, entry_from
from support.words.texts import Texts
from tests.crm_store.test_indexes import statements

RETURNS = FaqEntry(
    "returns",
    {"en": ("How do I return an item?", "Returns"), "zh-Hans": ("怎么退货？",)},
    {"en": "Within 30 days.", "zh-Hans": "30 天内。"},
    "orders",
    (FormField("order_number", required=True, ask={"en": "Which order?"}),),
    (Variant({"en": "Whenever you like."}, ("vip",)),),
)

REPAIR = FaqEntry("repair", {"en": ("Do you repair grinders?",)}, {"en": "Yes."})


@pytest.fixture
async def admin(store: Store) -> Agent:
    async with store.unit() as unit:
        await import_entries(unit, [RETURNS])
        return await add_agent(unit, "Lin", "admin", 77)


async def test_a_category_is_drafted_like_any_text(store: Store, admin: Agent) -> None:
    draft = await do(store, faq_drafts.set_category, admin, "returns", " after\n sales ")
    assert draft.entry == replace(RETURNS, category="after sales")
    published = await do(store, faq_drafts.publish, admin, "returns", draft.stamp)
    assert (await live(store))["returns"].category == "after sales"
    async with store.read() as session:
        newest = (await session.scalars(select(FaqRevision).order_by(FaqRevision.id.desc()))).first()
    assert newest is not None
    assert (newest.id, newest.action) == (published.revision_id, "category")
    none = await do(store, faq_drafts.set_category, admin, "returns", "-", seen_category(published.kept.entry))
    assert none.entry.category == ""
    assert await do(store, faq_drafts.set_category, admin, "returns", "after sales") is None, "as published"


@pytest.mark.parametrize(
    ("text", "error"), [(" \n", NeedsTextError), ("…", NeedsTextError), ("x" * 61, LongCategoryError)]
)
async def test_what_cannot_be_a_category(store: Store, admin: Agent, text: str, error: type[DeskError]) -> None:
    with pytest.raises(error):
        await do(store, faq_drafts.set_category, admin, "returns", text)
    await do(store, faq_drafts.set_category, admin, "returns", "sales")
    with pytest.raises(ChangedMeanwhileError):
        await do(store, faq_drafts.set_category, admin, "returns", "repairs", seen_category(RETURNS))


async def do(store: Store, work: Callable[..., Awaitable[Any]], *args: Any) -> Any:
    """One unit of work, as a press or a message is."""
    async with store.unit() as unit:
        return await work(unit, *args)


async def live(store: Store) -> dict[str, FaqEntry]:
    async with store.read() as session:
        return {entry.id: entry for entry in await export_entries(session)}


async def answer(store: Store, admin: Agent, text: str, seen: int | None = None) -> Draft:
    draft: Draft = await do(store, faq_drafts.set_answer, admin, "returns", "en", text, seen)
    return draft


async def test_a_change_is_live_only_once_it_is_published(store: Store, admin: Agent) -> None:
    draft = await answer(store, admin, " Within 14 days. ")
    assert draft.difference.answers == (AnswerChange("en", "Within 30 days.", "Within 14 days."),)
    assert (await live(store))["returns"].answers["en"] == "Within 30 days."

    published = await do(store, faq_drafts.publish, admin, "returns", draft.stamp)
    now = (await live(store))["returns"]
    assert now.answers == {"en": "Within 14 days.", "zh-Hans": "30 天内。"}
    assert (now.form, now.variants, now.category) == (RETURNS.form, RETURNS.variants, "orders")
    async with store.read() as session:
        revision = await session.get(FaqRevision, published.revision_id)
        audited = (await session.scalars(select(Audit.action).order_by(Audit.id.desc()).limit(1))).one()
    assert revision
    assert (revision.action, revision.agent_id, audited) == ("answer", admin.id, "faq.answer")
    assert content_of(entry_from("returns", revision.snapshot)) == content_of(now)
    with pytest.raises(NoDraftError):
        await do(store, faq_drafts.publish, admin, "returns", draft.stamp)


async def test_a_new_entry_is_drafted_and_created(store: Store, admin: Agent) -> None:
    draft = await do(store, faq_drafts.begin, admin, REPAIR)
    assert (draft.published, draft.who) == (None, "Lin")
    with pytest.raises(EntryExistsError):
        await do(store, faq_drafts.begin, admin, REPAIR)
    await do(store, faq_drafts.publish, admin, "repair", draft.stamp)
    assert list(await live(store)) == ["returns", "repair"]


@pytest.mark.parametrize(
    ("entry_id", "error"), [("Bad Id", BadEntryIdError), ("", BadEntryIdError), ("returns", EntryExistsError)]
)
async def test_an_id_that_no_new_entry_may_have(
    store: Store, admin: Agent, entry_id: str, error: type[DeskError]
) -> None:
    with pytest.raises(error) as raised:
        await do(store, faq_drafts.check_new_id, entry_id)
    assert Texts.load().say("zh-Hant", raised.value.key, **raised.value.params)


@pytest.mark.parametrize(
    ("language", "text", "error"),
    [
        ("fr", "Oui.", UnknownFaqLanguageError),
        ("en", "\u200b \n", NeedsTextError),
        ("en", "B" * 4097, TooLongError),
    ],
)
async def test_an_answer_that_cannot_be_drafted(
    store: Store, admin: Agent, language: str, text: str, error: type[DeskError]
) -> None:
    with pytest.raises(error):
        await do(store, faq_drafts.set_answer, admin, "returns", language, text)
    assert await do(store, faq_drafts.find, "returns") is None


async def test_wordings_come_and_go_and_change_places(store: Store, admin: Agent) -> None:
    async def reword(*texts: str) -> Draft | None:
        draft: Draft | None = await do(store, faq_drafts.set_questions, admin, "returns", "en", texts)
        return draft

    draft = await reword("Send it back?", "Returns", " ", "🙂", "Send  it back?")
    assert draft
    assert draft.difference.questions == (QuestionsChange("en", ("Send it back?",), ("How do I return an item?",)),)
    reordered = await reword("Returns", "How do I return an item?")
    assert reordered
    assert reordered.difference.questions == (QuestionsChange("en", (), ()),)
    assert await reword("How do I return an item?", "Returns") is None
    assert await do(store, faq_drafts.find, "returns") is None
    with pytest.raises(NeedsTextError):
        await reword("🙂")


async def test_who_saw_another_draft_publishes_and_discards_nothing(store: Store, admin: Agent) -> None:
    seen = await answer(store, admin, "Within 14 days.")
    present = await answer(store, admin, "Never.")
    for deed in (faq_drafts.publish, faq_drafts.discard):
        with pytest.raises(ChangedMeanwhileError):
            await do(store, deed, admin, "returns", seen.stamp)
    await do(store, faq_drafts.discard, admin, "returns", present.stamp)
    assert (await live(store))["returns"].answers["en"] == "Within 30 days."


async def test_what_was_published_meanwhile_is_not_overwritten_unseen(store: Store, admin: Agent) -> None:
    seen = await answer(store, admin, "Within 14 days.")
    await do(store, faq_admin.withdraw, admin, "returns")
    with pytest.raises(ChangedMeanwhileError):
        await do(store, faq_drafts.publish, admin, "returns", seen.stamp)
    present = await do(store, faq_drafts.get, "returns")
    await do(store, faq_drafts.publish, admin, "returns", present.stamp)
    assert (await live(store))["returns"].answers["en"] == "Within 14 days."


async def test_two_admins_work_on_two_languages_but_not_on_one_text(store: Store, admin: Agent) -> None:
    seen = seen_answer(RETURNS, "en")
    await do(store, faq_drafts.set_answer, admin, "returns", "zh-Hans", "14 天内。")
    await answer(store, admin, "Within 14 days.", seen=seen)
    with pytest.raises(ChangedMeanwhileError):
        await answer(store, admin, "Within 60 days.", seen=seen)
    draft = await do(store, faq_drafts.get, "returns")
    assert draft.entry.answers == {"en": "Within 14 days.", "zh-Hans": "14 天内。"}


async def test_two_units_at_once_do_not_lose_a_change(store: Store, admin: Agent) -> None:
    await answer(store, admin, "Within 14 days.")

    async def slower(unit: Unit) -> None:
        await faq_drafts.get(unit, "returns")
        if not second:
            second.append(await answer(store, admin, "Within 60 days."))
        await faq_drafts.set_answer(unit, admin, "returns", "zh-Hans", "60 天内。")

    second: list[Draft] = []
    await store.run(slower)
    draft = await do(store, faq_drafts.get, "returns")
    assert draft.entry.answers == {"en": "Within 60 days.", "zh-Hans": "60 天内。"}


async def test_what_could_answer_nobody_is_not_published(store: Store, admin: Agent) -> None:
    for entry in (FaqEntry("mute", {"en": ("Why?",)}), FaqEntry("deaf", {}, {"en": "Because."})):
        draft = await do(store, faq_drafts.begin, admin, entry)
        with pytest.raises(UnfinishedDraftError):
            await do(store, faq_drafts.publish, admin, draft.id, draft.stamp)
    assert list(await live(store)) == ["returns"]


async def test_one_unit_may_draft_discard_draft_and_publish(store: Store, admin: Agent) -> None:
    async with store.unit() as unit:
        first = await faq_drafts.begin(unit, admin, REPAIR)
        await faq_drafts.discard(unit, admin, "repair", first.stamp)
        again = await faq_drafts.begin(unit, admin, REPAIR)
        changed = await faq_drafts.set_answer(unit, admin, "repair", "en", "Gladly.")
        assert changed
        assert again.stamp != changed.stamp
        await faq_drafts.publish(unit, admin, "repair", changed.stamp)
        with pytest.raises(NoDraftError):
            await faq_drafts.get(unit, "repair")
    assert (await live(store))["repair"].answers == {"en": "Gladly."}
    async with store.read() as session:
        assert (await session.scalars(select(FaqDraft))).all() == []


async def test_drafts_come_in_pages(store: Store, admin: Agent) -> None:
    async with store.unit() as unit:
        for number in range(faq_drafts.DRAFTS_A_PAGE + 1):
            await faq_drafts.begin(unit, admin, FaqEntry(f"new-{number}", {"en": (f"What of {number}?",)}))
    first = await do(store, faq_drafts.page)
    second = await do(store, faq_drafts.page, 1)
    assert (len(first.items), first.more, len(second.items), second.more) == (8, True, 1, False)
    assert len({draft.id for draft in [*first.items, *second.items]}) == 9


async def test_a_page_takes_as_many_statements_as_one_draft(store: Store, admin: Agent) -> None:
    needed = []
    for number in range(3):
        async with store.unit() as unit:
            await faq_drafts.begin(unit, admin, FaqEntry(f"new-{number}", {"en": (f"What of {number}?",)}))
        with statements(store) as seen:
            page = await do(store, faq_drafts.page)
        assert {draft.who for draft in page.items} == {admin.name}
        needed.append(len(seen))
    assert needed[0] == needed[-1]


def test_an_entry_is_kept_whole() -> None:
    assert entry_from("returns", content_of(RETURNS)) == RETURNS
    old = {"questions": {"en": ["A?"]}, "answers": {"en": "B"}, "withdrawn": False}
    assert entry_from("old", old) == FaqEntry("old", {"en": ("A?",)}, {"en": "B"})


def test_equal_entries_do_not_differ() -> None:
    assert not difference(RETURNS, RETURNS)
    assert difference(RETURNS, FaqEntry("returns", RETURNS.phrasings, RETURNS.answers, "orders")).more
    assert difference(RETURNS, replace(RETURNS, category="")) == Difference(category=CategoryChange("orders", ""))
    assert difference(None, REPAIR).answers == (AnswerChange("en", None, "Yes."),)
