"""A gap becomes one draft, with what can be read of it."""

from __future__ import annotations

import pytest

from crm_store.models import Agent
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.gaps import Gap
from support.access import add_agent
from support.knowledge import drafts as faq_drafts
from support.knowledge.errors import GapGoneError
from support.knowledge.gaps import draft_gap, missing_language, stamp_of
from support.knowledge.importing import import_entries
from tests.support.shop import FRIDAY_NOON


def gap(answer: str | None = None, **examples: tuple[str, ...]) -> Gap:
    return Gap(2, 2, FRIDAY_NOON, examples, answer, "en" if answer else None, None)


@pytest.fixture
async def admin(store: Store) -> Agent:
    async with store.unit() as unit:
        await import_entries(unit, [FaqEntry("carts-rented", {"en": ("Carts?",)}, {"en": "No."})])
        return await add_agent(unit, "Lin", "admin", 77)


async def test_a_gap_becomes_one_draft_under_an_id_of_its_own(store: Store, admin: Agent) -> None:
    carts, ferry = gap(en=("are carts rented", "rent carts")), gap(en=("ferry",))
    drafts = []
    for _ in range(2):
        async with store.unit() as unit:
            drafts.append(await draft_gap(unit, admin, [ferry, carts], stamp_of(carts)))
    assert drafts[0].id == drafts[1].id != "carts-rented"
    assert drafts[0].entry.questions == {"en": ("are carts rented", "rent carts")}
    assert missing_language(drafts[0].entry) == "en"
    async with store.unit() as unit:
        assert len((await faq_drafts.page(unit)).items) == 1


async def test_an_agents_words_are_its_answer_as_far_as_a_message_holds_them(store: Store, admin: Agent) -> None:
    answered = gap("Yes. " * 1000, en=("are carts rented", "🙂"))
    async with store.unit() as unit:
        draft = await draft_gap(unit, admin, [answered], stamp_of(answered))
    assert draft.entry.questions == {"en": ("are carts rented",)}
    assert len(draft.entry.answers["en"]) == 4096
    assert missing_language(draft.entry) is None


async def test_a_gap_that_is_closed_or_says_nothing_makes_no_draft(store: Store, admin: Agent) -> None:
    silent = gap(en=("🙂",))
    for found in ([], [silent]):
        with pytest.raises(GapGoneError):
            async with store.unit() as unit:
                await draft_gap(unit, admin, found, stamp_of(silent))
