"""The card in a topic: one message, however much there is to tell, and a row of buttons for each heard fact."""

from __future__ import annotations

import pytest

from crm_store.card import OpenTicket
from crm_store.store import Store
from handlers.forum.card import MOST_DECIDED, card_buttons, card_text
from handlers.rendering import LONGEST_TEXT
from support.agents.card import Card, read_card
from support.agents.card_facts import FactLine
from support.agents.card_sections import Section
from tests.crm_store.test_indexes import statements
from tests.support.shop import FRIDAY_NOON, Shop, new_score_for, open_shop

FACTS = tuple(FactLine(n, f"likes number {n}", "20 November") for n in range(1, 6))


@pytest.fixture
async def shop(sqlite_store: Store) -> Shop:
    return await open_shop(sqlite_store)


def full(length: int = 10) -> Card:
    words = "😀" * length
    return Card(
        title="Nia",
        lines=("Tier: VIP", words),
        reasons=("Complaint", words),
        state="Waiting for 3 minutes",
        tickets=(OpenTicket(1, 1001, "it leaks", "open", FRIDAY_NOON, FRIDAY_NOON, {}),),
        details={1001: ("Which order? 5512", words)},
        promises=(FactLine(9, "Promise: a basket", "overdue since 3 November", is_overdue=True),),
        facts=FACTS,
        proposals=FACTS,
        sections=(
            Section("colleagues", "Open with their colleagues", ("#7 · it drips (Ben)",)),
            Section("orders", "Last orders", ("O-1", words)),
            Section("touchpoints", "Last contacts", ("hi",)),
        ),
    )


def test_the_most_important_comes_first(shop: Shop) -> None:
    text = card_text(shop.desk, full())
    parts = ["Nia", "Tier: VIP", "Request #1001", "Why a person", "overdue since 3 November", "likes", "Last orders"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "1. likes number 1 (20 November)" in text
    assert "Last contacts" not in text, "the topic shows them"
    assert "Ben" not in text, "others' words would stay in the topic when they are erased"


@pytest.mark.parametrize("length", [500, 1500, 3000])
def test_it_is_never_longer_than_telegram_allows(shop: Shop, length: int) -> None:
    text = card_text(shop.desk, full(length))
    assert len(text.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert text.startswith("Nia\nWaiting for 3 minutes\n\nTier: VIP")


async def test_a_row_for_each_fact_that_was_heard(shop: Shop) -> None:
    async def read(card: Card) -> list[list[tuple[str, str | None]]]:
        async with shop.store.unit() as unit:
            markup = card_buttons(shop.desk, await shop.met(unit), card)
        rows = markup.inline_keyboard if markup else []
        return [[(button.text, button.callback_data) for button in row] for row in rows]

    rows = await read(full())
    assert rows[0] == [("Confirm 1", "a:confirm:1"), ("Decline 1", "a:decline:1")]
    assert len(rows) == MOST_DECIDED
    assert await read(Card("Nia", (), (), "")) == []


async def test_a_whole_card_is_one_statement(shop: Shop) -> None:
    async with shop.store.unit() as unit:
        new_score_for(unit, await shop.met(unit))
    async with shop.store.unit() as unit:
        person = await shop.known(unit)
        with statements(shop.store) as seen:
            card = await read_card(shop.desk, unit, person, unit.now)
    assert len(seen) == 1
    assert card.tier == "small"
