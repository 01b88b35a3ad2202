"""Facts in the agents' forum: heard on the card and decided on by its buttons, noted by //fact and //promise."""

from __future__ import annotations

from sqlalchemy import select

from crm_store.models import Fact, Ticket
from tests.dialogues.conftest import Shop


async def test_a_fact_is_heard_confirmed_and_others_are_noted(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia, "Please call after six. A human please")
    await shop.settled()
    card = shop.group.messages(topic)[0]
    assert "1. Hours: “Please call after six.”" in card.text
    assert card.labels == ["Claim", "Resolve", "Confirm 1", "Decline 1", "Wrong: 1"]

    nia.press_data_in(shop.group, f"a:confirm:{(await shop.rows(select(Fact)))[0].id}", card.id)
    await shop.settled()
    assert [fact.state for fact in await shop.rows(select(Fact))] == ["proposed"], "a customer decides nothing"
    bob.press_data_in(shop.group, "a:confirm:99999999999999999999", card.id)
    bob.press_in(shop.group, topic, "Confirm 1")
    bob.press_in(shop.group, topic, "Decline 1")
    await shop.settled()
    assert [fact.state for fact in await shop.rows(select(Fact))] == ["confirmed"]
    assert bob.answers()[-1]["text"] == "A colleague has decided on this already."

    bob.say_in(shop.group, topic, "//fact two machines at home")
    bob.say_in(shop.group, topic, "//promise within two days a new basket")
    bob.say_in(shop.group, topic, "//promise soon")
    bob.say_in(shop.group, topic, "// fact is, she is nice")
    await shop.settled()
    said = shop.in_topic(topic)
    assert "Remembered. It stands on the card." in said
    assert "Promise noted, due" in said
    assert "By when? Name a coming day" in said
    assert said.count("Note saved.") == 1
    _, fact, promise = await shop.rows(select(Fact).order_by(Fact.id))
    assert (fact.kind, fact.text, fact.state) == ("preference", "two machines at home", "confirmed")
    assert (promise.kind, promise.text) == ("promise", "within two days a new basket")
    assert not nia.unheard()
    assert [ticket.status for ticket in await shop.rows(select(Ticket))] == ["new"], "notes claim nothing"
