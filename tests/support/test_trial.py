"""Trying a question with a draft in the FAQ says what customers will be told once it is published."""

from __future__ import annotations

from pathlib import Path

import pytest

import bot
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.files import read_faq
from faq.matcher import Decision
from support.knowledge.importing import import_entries
from support.knowledge.trial import try_question, try_with_draft
from tests.support.shop import open_shop

KLARNA = FaqEntry(
    "klarna",
    {"en": ("Do you accept Klarna instalments?", "Can I use Klarna or Twisto?", "Is Klarna available at checkout?")},
    {"en": "Yes, from 50 euros."},
)


@pytest.mark.parametrize("question", ["klarna?", "can I pay with twisto", "where is my order"])
async def test_a_draft_is_tried_as_it_will_be_once_published(sqlite_store: Store, question: str) -> None:
    sample = read_faq(Path(bot.__file__).parent / "sample" / "faq.yaml")
    shop = await open_shop(sqlite_store)
    await sqlite_store.run(lambda unit: import_entries(unit, sample))
    await shop.desk.faq.refresh(sqlite_store)
    before = try_question(shop.desk, question)
    tried = await try_with_draft(shop.desk, question, KLARNA)
    assert "klarna" not in shop.desk.faq.entries, "nothing was changed"
    assert try_question(shop.desk, question).matches == before.matches
    await sqlite_store.run(lambda unit: import_entries(unit, [KLARNA]))
    await shop.desk.faq.refresh(sqlite_store)
    published = try_question(shop.desk, question)
    assert (tried.decision, tried.matches, tried.answer) == (published.decision, published.matches, published.answer)
    assert published.decision is Decision.ANSWER
