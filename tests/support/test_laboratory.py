"""The laboratory on a store: what it compares with, and that it changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_store.models import FaqDraft
from crm_store.repositories import faq_drafts
from crm_store.store import Store
from faq.entry import FaqEntry, Variant
from faq.faq_file import FaqFile
from faq.findings import Kind
from support.knowledge import admin as faq_admin
from support.knowledge import laboratory
from support.knowledge.importing import export_entries, import_entries
from support.knowledge.snapshots import content_of
from tests.support.shop import DESCALE, FRIDAY_NOON, Shop, open_shop

GRIND = FaqEntry("grind", {"en": ("How fine should I grind?",)}, {"en": "Like sand."}, variants=(Variant({"en": "!"}),))
TEA = FaqEntry("tea", {"en": ("Do you sell tea?",)}, {"en": "No."})


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = await open_shop(store)
    await store.run(lambda unit: import_entries(unit, [GRIND]))
    await shop.desk.faq.refresh(store)
    return shop


async def draft(shop: Shop, *entries: FaqEntry) -> None:
    async with shop.store.unit() as unit:
        for entry in entries:
            unit.add(FaqDraft(entry_id=entry.id, content=content_of(entry), at=FRIDAY_NOON))


async def test_the_drafted_faq_holds_the_drafts_in_their_places(shop: Shop) -> None:
    changed = replace(DESCALE, phrasings={"en": ("When do I descale?",)})
    await draft(shop, TEA, changed)
    async with shop.store.read() as session:
        assert await faq_drafts.exist(session)
        found = [(entry.id, entry.questions) for entry in await laboratory.drafted(session)]
        assert found == [(entry.id, entry.questions) for entry in (changed, GRIND, TEA)]
        assert [entry.id for entry in await export_entries(session)] == ["descale", "grind"]


async def test_ids_of_withdrawn_entries_and_drafts_are_taken(shop: Shop) -> None:
    admin = await shop.staff("Lin", "admin")
    await draft(shop, TEA)
    await shop.run(lambda unit: faq_admin.withdraw(unit, admin, "grind"))
    async with shop.store.read() as session:
        assert await faq_drafts.taken_ids(session) == {"descale", "grind", "tea"}


async def test_an_imported_file_leaves_what_it_does_not_speak_of(shop: Shop) -> None:
    changed = FaqEntry("grind", {"en": ("Grind how?",)}, {"en": "Fine."})
    file = FaqFile([changed, TEA], silent=frozenset({"category", "form", "variants"}))
    entries = {entry.id: entry for entry in laboratory.imported(shop.desk.faq, file)}
    assert list(entries) == ["descale", "grind", "tea"]
    assert entries["grind"] == replace(changed, variants=GRIND.variants)
    assert shop.desk.faq.entries["grind"].wordings == GRIND.wordings


async def test_an_edited_faq_is_checked_beside_the_live_one(shop: Shop) -> None:
    mute = await shop.desk.faq.rehearsed([FaqEntry("mute", (), {"en": "…"})])
    assert Kind.NO_PHRASING in {f.kind for f in await laboratory.check_faq(shop.store, shop.desk.faq, mute)}
    assert Kind.NO_PHRASING not in {f.kind for f in await laboratory.check_faq(shop.store, shop.desk.faq)}


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("hello", "greeting"),
        ("谢谢", "thanks"),
        ("I want to talk to a human", "human"),
        ("How often do I descale?", None),
        ("", None),
    ],
)
def test_what_words_are_taken_for(text: str, by: str | None) -> None:
    assert laboratory.taken_for(text) == by
