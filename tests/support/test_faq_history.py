"""Whatever an entry once said can be answered again, and going back is itself a line of the history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from crm_store.models import Agent
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.access import add_agent
from support.knowledge import admin as faq_admin
from support.knowledge import drafts as faq_drafts
from support.knowledge import history as faq_history
from support.knowledge.drafts import Published
from support.knowledge.errors import ChangedMeanwhileError, DraftExistsError, UnknownRevisionError
from support.knowledge.importing import export_entries, import_entries
from support.knowledge.snapshots import content_of

HOURS = FaqEntry("hours", {"en": ("When are you open?",)}, {"en": "From nine to six."})


@pytest.fixture
async def admin(store: Store) -> Agent:
    async with store.unit() as unit:
        await import_entries(unit, [HOURS])
        return await add_agent(unit, "Lin", "admin", 77)


async def do(store: Store, work: Callable[..., Awaitable[Any]], *args: Any) -> Any:
    """One unit of work, as a press or a message is."""
    async with store.unit() as unit:
        return await work(unit, *args)


async def publish(store: Store, admin: Agent, text: str) -> Published:
    async def work(unit: Unit) -> Published:
        draft = await faq_drafts.set_answer(unit, admin, "hours", "en", text)
        assert draft
        return await faq_drafts.publish(unit, admin, "hours", draft.stamp)

    published: Published = await do(store, work)
    return published


async def lines(store: Store, page: int = 0) -> list[faq_history.HistoryLine]:
    return list((await do(store, faq_history.page, "hours", page)).items)


async def told(store: Store) -> str | None:
    async with store.read() as session:
        return next((entry.answers["en"] for entry in await export_entries(session)), None)


async def test_a_former_state_is_shown_and_answered_again(store: Store, admin: Agent) -> None:
    await publish(store, admin, "From ten to six.")
    newest, imported = await lines(store)
    former = await do(store, faq_history.former, imported.id)
    assert (former.entry, former.withdrawn, former.line.who) == (HOURS, False, None)

    restored = await do(store, faq_history.restore, admin, imported.id)
    assert await told(store) == "From nine to six."
    assert [line.action for line in await lines(store)] == ["restored", "answer", "imported"]
    assert (await lines(store))[0].id == restored.revision_id
    again = await do(store, faq_history.restore, admin, imported.id)
    assert again.revision_id is None
    assert newest.id in {line.id for line in await lines(store)}


async def test_a_former_state_becomes_a_draft_unless_there_is_one(store: Store, admin: Agent) -> None:
    await publish(store, admin, "From ten to six.")
    newest, imported = await lines(store)
    draft = await do(store, faq_history.draft_of, admin, imported.id)
    assert draft.entry == HOURS
    assert await told(store) == "From ten to six."
    with pytest.raises(DraftExistsError):
        await do(store, faq_history.draft_of, admin, newest.id)


async def test_a_withdrawn_entry_comes_back_with_its_former_words(store: Store, admin: Agent) -> None:
    await do(store, faq_admin.withdraw, admin, "hours")
    withdrawn, *_ = await lines(store)
    assert (await do(store, faq_history.former, withdrawn.id)).withdrawn
    await do(store, faq_history.restore, admin, withdrawn.id)
    assert await told(store) == "From nine to six."


async def test_publishing_is_undone_and_done_again(store: Store, admin: Agent) -> None:
    published = await publish(store, admin, "From ten to six.")
    undone = await do(store, faq_history.undo, admin, published.revision_id)
    assert await told(store) == "From nine to six."
    with pytest.raises(ChangedMeanwhileError):
        await do(store, faq_history.undo, admin, published.revision_id)
    await do(store, faq_history.undo, admin, undone.revision_id)
    assert await told(store) == "From ten to six."


async def test_undoing_a_new_entry_withdraws_it(store: Store, admin: Agent) -> None:
    async def create(unit: Unit) -> Published:
        draft = await faq_drafts.begin(unit, admin, FaqEntry("new", {"en": ("Why?",)}, {"en": "So."}))
        return await faq_drafts.publish(unit, admin, "new", draft.stamp)

    created = await do(store, create)
    undone = await do(store, faq_history.undo, admin, created.revision_id)
    assert undone.kept.withdrawn
    assert undone.kept.entry.answers == {"en": "So."}


async def test_undoing_the_publication_of_a_withdrawn_entrys_draft_withdraws_it_again(
    store: Store, admin: Agent
) -> None:
    await do(store, faq_admin.withdraw, admin, "hours")
    published = await publish(store, admin, "From ten to six.")
    undone = await do(store, faq_history.undo, admin, published.revision_id)
    assert undone.kept.withdrawn
    assert content_of(undone.kept.entry) == content_of(HOURS)
    assert [line.action for line in await lines(store)][:2] == ["withdrawn", "answer"]


async def test_a_long_history_comes_in_pages(store: Store, admin: Agent) -> None:
    for hour in range(faq_history.LINES_A_PAGE):
        await publish(store, admin, f"From {hour}.")
    assert len(await lines(store)) == faq_history.LINES_A_PAGE
    assert [line.action for line in await lines(store, 1)] == ["imported"]


async def test_what_never_was_cannot_be_restored(store: Store, admin: Agent) -> None:
    for deed in (faq_history.restore, faq_history.undo, faq_history.draft_of):
        with pytest.raises(UnknownRevisionError):
            await do(store, deed, admin, 4711)
