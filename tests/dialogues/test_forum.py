"""The agents' forum: a topic per customer with the card at its head; claimed, answered, released, resolved there."""

from sqlalchemy import select

from crm_store.models import ContactPoint, Customer, Escalation, OutboxRow, Ticket
from crm_store.unit import Unit
from tests.dialogues.conftest import ADMIN, AT_RISK, OTHER_AGENT, Shop
from tests.support.identity import add_contact, add_customer, add_organisation, add_ticket


async def test_the_card_says_who_why_and_what_is_open(shop: Shop) -> None:
    anna = shop.customer(AT_RISK, "Anna")
    anna.say("/ticket the steam wand drips")
    await anna.hears(1)
    anna.say("can i take it on a plane")
    await anna.hears(1)
    topic = await shop.topic()
    card = shop.group.messages(topic)[0]
    assert card.labels[:2] == ["Claim", "Resolve"]
    lines = card.text.splitlines()
    assert lines[0] == "Anna Berg"
    assert lines[1].startswith("Waiting")
    for part in ("Tier: ", "Value: ", "Risk of churn: ", "Stage: ", "at risk", "Opened a ticket"):
        assert part in card.text
    assert any(line.startswith("Last words: “") for line in lines)
    assert "Open tickets: 1" in card.text or "1 open ticket" in card.text
    assert shop.group.topics[-1].name.startswith("Anna Berg · ")


async def test_nothing_of_a_colleague_is_written_down_with_a_customers_card(shop: Shop) -> None:
    async def employ(unit: Unit) -> None:
        firm = add_organisation(unit, "Bean & Co")
        contact = await unit.session.scalar(select(ContactPoint).where(ContactPoint.address == str(AT_RISK)))
        anna = await unit.session.get_one(Customer, contact.customer_id if contact else 0)
        anna.organisation_id = firm.id
        ben = add_customer(unit, "Ben Canary", organisation_id=firm.id)
        add_ticket(unit, ben, add_contact(unit, ben), "a canary of his own")

    await shop.store.run(employ)
    topic = await shop.handed_over(shop.customer(AT_RISK, "Anna"))
    await shop.settled()
    assert "Bean & Co" in shop.in_topic(topic)
    assert not [row for row in await shop.rows(select(OutboxRow)) if "anary" in str(row.payload)]


async def test_claimed_by_button_answered_released_resolved(shop: Shop) -> None:
    nia, bob, eve = shop.customer(), shop.agent(), shop.agent(OTHER_AGENT, "Eve")
    topic = await shop.handed_over(nia)
    bob.press_in(shop.group, topic, "Claim")
    (joined,) = await nia.hears(1)
    assert joined.text == "Bob from our team is here now."
    await shop.settled()
    assert "Bob has claimed this." in shop.in_topic(topic)

    eve.press_data_in(shop.group, "a:claim")
    eve.say_in(shop.group, topic, "I am faster")
    eve.say_in(shop.group, topic, "/resolve")
    await shop.settled()
    assert eve.answers()[-1]["text"] == "Bob was faster and has this."
    assert shop.in_topic(topic).count("T: Bob was faster and has this.") == 2
    assert not nia.unheard()

    bob.say_in(shop.group, topic, "What is it about?")
    assert [heard.text for heard in await nia.hears(1)] == ["What is it about?"]
    nia.say("how offen do i descale")
    await shop.settled()
    await nia.hears_nothing()
    assert "Nia: how offen do i descale" in shop.in_topic(topic)

    bob.say_in(shop.group, topic, "/release")
    await shop.settled()
    nia.say("how offen do i descale")
    (answer,) = await nia.hears(1)
    assert answer.text.startswith("Every two to three months")
    eve.say_in(shop.group, topic, "Now it is my turn")
    joined, words = await nia.hears(2)
    assert (joined.text, words.text) == ("Eve from our team is here now.", "Now it is my turn")
    eve.say_in(shop.group, topic, "/resolve")
    (asked,) = await nia.hears(1)
    assert asked.labels == ["1", "2", "3", "4", "5"]
    (ticket,) = await shop.rows(select(Ticket))
    (escalation,) = await shop.rows(select(Escalation))
    assert (ticket.status, escalation.state, escalation.outcome) == ("resolved", "resolved", "resolved")


async def test_two_agents_press_at_once_and_one_holds(shop: Shop) -> None:
    nia, bob, eve = shop.customer(), shop.agent(), shop.agent(OTHER_AGENT, "Eve")
    topic = await shop.handed_over(nia)
    bob.press_in(shop.group, topic, "Claim")
    eve.press_in(shop.group, topic, "Claim")
    await shop.settled()
    (escalation,) = await shop.rows(select(Escalation))
    assert escalation.state == "claimed"
    assert shop.in_topic(topic).count("has claimed this.") == 1
    notices = [*bob.answers(), *eve.answers()]
    assert sorted(bool(notice["text"]) for notice in notices) == [False, True]
    assert [heard.text for heard in await nia.hears(1)] in (
        ["Bob from our team is here now."],
        ["Eve from our team is here now."],
    )
    assert not nia.unheard()


async def test_notes_stay_inside(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    bob.say_in(shop.group, topic, "// she was promised a refund")
    bob.say_in(shop.group, topic, "／／别忘了退款")
    bob.photo_in(shop.group, topic, caption="//the label")
    bob.say_in(shop.group, topic, "//")
    bob.say_in(shop.group, topic, "/whatever")
    await shop.settled()
    assert not nia.unheard()
    notes = [touchpoint for touchpoint in await shop.ledger(nia) if touchpoint.kind == "note"]
    assert [note.text for note in notes] == ["she was promised a refund", "别忘了退款", "the label"]
    assert {note.direction for note in notes} == {"internal"}
    assert notes[2].payload
    assert notes[2].payload["attachment"]["kind"] == "photo"
    transcript = shop.in_topic(topic)
    assert transcript.count("Note saved.") == 3
    assert "There is nothing to send yet." in transcript
    (escalation,) = await shop.rows(select(Escalation))
    assert escalation.state == "waiting", "a note claims nothing"


async def test_a_low_rating_is_read_and_the_request_reopened_but_rated_once(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    bob.say_in(shop.group, topic, "Try again now")
    await nia.hears(2)
    bob.press_in(shop.group, topic, "Resolve")
    await nia.hears(1)
    nia.press("2")
    (asked,) = await nia.hears(1)
    assert asked.labels == ["Reopen #1001", "Skip"]
    nia.press("5")
    await shop.settled()
    assert nia.answers()[-1]["text"] == "You have already rated this, thank you."
    nia.say("it broke the next day")
    assert "Thank you" in (await nia.hears(1))[0].text
    nia.press("Reopen #1001")
    (reopened,) = await nia.hears(1)
    assert reopened.text.startswith("Request #1001 is open again.")
    await shop.settled()
    transcript = shop.in_topic(topic)
    assert "Rating of #1001: 2" in transcript
    assert "Comment on #1001: it broke the next day" in transcript
    bob.say_in(shop.group, topic, "A new one is on its way")
    await nia.hears(2)
    bob.say_in(shop.group, topic, "/resolve")
    (told,) = await nia.hears(1)
    assert told.text.startswith("Request #1001 is done.")
    assert not told.labels, "the rating is asked once per ticket"
    (ticket,) = await shop.rows(select(Ticket))
    assert (ticket.rating, ticket.status) == (2, "resolved")


async def test_what_else_is_open_goes_back_to_the_queue_when_one_is_resolved(shop: Shop) -> None:
    nia, ada = shop.customer(), shop.agent(ADMIN, "Ada")
    topic = await shop.handed_over(nia)
    nia.say("/ticket and the kettle leaks")
    await nia.hears(1)
    ada.say_in(shop.group, topic, "/claim")
    await nia.hears(1)
    ada.say_in(shop.group, topic, "/resolve")
    await nia.hears(1)
    await shop.settled()
    first, second = await shop.rows(select(Ticket).order_by(Ticket.number))
    assert (first.status, second.status) == ("resolved", "new")
    (waiting,) = await shop.rows(select(Escalation).where(Escalation.ended_at.is_(None)))
    assert (waiting.state, waiting.ticket_id) == ("waiting", second.id)
    assert "Ticket #1002: and the kettle leaks" in shop.in_topic(topic)
