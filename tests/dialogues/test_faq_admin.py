"""An admin makes the FAQ better in Telegram, from a customer's unanswered question to the answer and back."""

from __future__ import annotations

import pytest

from tests.dialogues.conftest import ADMIN, Shop
from tests.telegram.people import Person
from tests.telegram.seen import Seen

QUESTION = "do you cater weddings with a coffee cart"


@pytest.fixture
def lin(shop: Shop) -> Person:
    return shop.tg.user(ADMIN, "Lin", language_code="en")


async def told(person: Person, *phrases: str) -> Seen:
    """The message that holds all the phrases, awaited among others."""
    for _ in range(6):
        (heard,) = await person.hears(1)
        if all(phrase in heard.text for phrase in phrases):
            return heard
    pytest.fail(f"no message with {phrases}: {[seen.text for seen in person.messages()]}")


async def test_a_gap_is_closed_tried_published_and_taken_back(shop: Shop, lin: Person) -> None:
    nia = shop.customer()
    nia.say(QUESTION)
    assert "Ask a colleague" in (await told(nia)).labels

    lin.say("/faq gaps")
    assert "1: make a draft" in (await told(lin, QUESTION)).labels
    lin.press("1: make a draft")
    await told(lin, "draft, not live yet", f"+ {QUESTION}")
    await told(lin, "Send the answer in English.")
    lin.say("Yes: **three** carts, from Friday to Sunday.")
    await told(lin, "Customers will read:\nYes: three carts")
    preview = await told(lin, "What publishing", "1 × “do you cater weddings with a coffee cart”: no answer →")
    assert {"Publish", "Try", "Discard"} <= set(preview.labels)

    lin.press("Try")
    await told(lin, "Send a question")
    lin.say("would you cater our wedding with a coffee cart")
    assert "Draft" in (await told(lin, "Nearest:")).labels
    lin.press("Draft")
    await told(lin, "draft, not live yet")
    lin.press("Publish")
    live = await told(lin, "is saved and live.")
    await shop.settled()

    ann = shop.customer(102, "Ann")
    ann.say(QUESTION)
    assert "Yes: three carts" in (await told(ann)).text
    assert "Undo" in live.labels
    lin.press("Undo")
    await told(lin, "is withdrawn and no longer answers.")
    await shop.settled()
    zoe = shop.customer(103, "Zoe")
    zoe.say(QUESTION)
    assert "Ask a colleague" in (await told(zoe)).labels
