"""Requests in a private chat: opened in every way, listed, added to, closed, reopened, and by their owner only."""

import pytest
from sqlalchemy import select

from crm_store.models import Ticket, TicketEvent, Touchpoint
from tests.dialogues.conftest import AT_RISK, REGULAR, VIP, Shop
from tests.telegram.people import Person


async def one(shop: Shop, person: Person) -> str:
    """What was said in a turn: one message and no more."""
    (heard,) = await person.hears(1)
    await shop.settled()
    assert not person.unheard(), "more than one message in a turn"
    return heard.text


async def tickets(shop: Shop) -> list[Ticket]:
    return await shop.rows(select(Ticket).order_by(Ticket.number))


async def history(shop: Shop, ticket: Ticket) -> list[str]:
    events = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return [event.kind for event in await shop.rows(events)]


async def test_opened_by_command_button_refusal_and_escalation(shop: Shop) -> None:
    nia, ann, joe, kim = (
        shop.customer(n, name) for n, name in ((101, "Nia"), (102, "Ann"), (103, "Joe"), (104, "Kim"))
    )
    nia.say("/ticket\nThe kettle leaks.")
    assert (await one(shop, nia)).startswith("Request #1001: “The kettle leaks”. You'll hear from us by ")

    ann.say("/ticket@touchdesk_bot")
    assert "in a sentence" in await one(shop, ann)
    ann.say("the lamp is dark")
    assert "Request #1002: “the lamp is dark”" in await one(shop, ann)

    joe.say("hi")
    await one(shop, joe)
    joe.press("Repair")
    assert "in a sentence" in await one(shop, joe)
    joe.say("no steam")
    assert "Request #1003: “no steam”" in await one(shop, joe)

    kim.say("can i take it on a plane")
    await one(shop, kim)
    kim.press("Leave a note")
    await one(shop, kim)
    kim.say("is it allowed on a plane")
    assert "Request #1004" in await one(shop, kim)

    chen = shop.customer(VIP, "Chen")
    chen.say("can i take it on a plane")
    await one(shop, chen)
    *_, fifth = await tickets(shop)
    assert (fifth.number, fifth.subject) == (1005, "can i take it on a plane")
    assert await history(shop, fifth) == ["opened", "escalated"]


@pytest.mark.parametrize("caption_at", [None, 0, 2])
async def test_an_album_is_one_request(shop: Shop, caption_at: int | None) -> None:
    anna = shop.customer(AT_RISK, "Anna")
    for n in range(3):
        photo = anna.file("photo", b"\xff\xd8\xff")
        caption = {"caption": "it leaks"} if n == caption_at else {}
        anna.send({"photo": photo, "media_group_id": "7", **caption})
    await shop.settled()
    if caption_at is None:
        assert "I have the photo" in await one(shop, anna)
        anna.say("it leaks")
        assert "“it leaks”, 3 photos, order " in await one(shop, anna)
    elif caption_at == 0:
        assert "“it leaks”, 1 photo, order " in await one(shop, anna)
    else:
        asked, opened = await anna.hears(2)
        assert "I have the photo" in asked.text
        assert "“it leaks”, 3 photos" in opened.text
    (ticket,) = await tickets(shop)
    added = select(TicketEvent).where(TicketEvent.kind == "added", TicketEvent.ticket_id == ticket.id)
    assert len(await shop.rows(added)) == (4 if caption_at is None else 3)
    anna.album(2)
    assert await one(shop, anna) == "Thank you, it is here. My colleagues see it too."


async def test_a_draft_of_several_kinds(shop: Shop) -> None:
    nia = shop.customer()
    nia.voice()
    assert "voice message" in await one(shop, nia)
    nia.document()
    nia.photo()
    await shop.settled()
    assert not nia.unheard()
    nia.say("/ticket the pump hums")
    assert "“the pump hums”, 1 voice message, 1 file, 1 photo." in await one(shop, nia)
    assert len(await tickets(shop)) == 1


async def test_listed_shown_added_to_closed_and_reopened(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("/tickets")
    assert "You have no requests yet." in await one(shop, nia)
    nia.say("/ticket the kettle leaks")
    await one(shop, nia)
    nia.press("Add")
    assert "What should I add to request #1001?" in await one(shop, nia)
    nia.photo("here")
    assert await one(shop, nia) == "Added to request #1001. My colleagues see it too."
    nia.say("/tickets")
    assert await one(shop, nia) == "Your requests:\n#1001: the kettle leaks (received)"
    nia.press("Request #1001")
    shown = await one(shop, nia)
    assert [line.split()[0] for line in shown.splitlines()] == ["#1001:", "Received", "Added", "Added"]
    nia.press("Close request")
    assert "Request #1001 is closed." in await one(shop, nia)
    nia.press("Reopen #1001")
    assert "Request #1001 is open again." in await one(shop, nia)
    (ticket,) = await tickets(shop)
    assert ticket.status == "open"
    kinds = await history(shop, ticket)
    assert kinds == ["opened", "added", "escalated", "added", "closed", "reopened", "escalated"]


async def test_the_order_is_changed(shop: Shop) -> None:
    mei = shop.customer(REGULAR, "Mei")
    mei.say("/ticket the kettle leaks")
    assert "order 5512" in await one(shop, mei)
    mei.press("Change order")
    await one(shop, mei)
    orders = (await mei.last()).labels
    assert 1 < len(orders) <= 3
    mei.press(orders[-1])
    assert f"is now about order {orders[-1].split(' · ')[0]}" in await one(shop, mei)


async def test_old_buttons_pressed_twice_do_nothing_twice(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("how offen do i descale")
    await one(shop, nia)
    answer = await nia.last()
    nia.press("Not quite")
    nia.press_data(answer.buttons[0][0].data or "", answer.id)
    nia.press_data(answer.buttons[0][1].data or "", answer.id)
    await shop.settled()
    assert len(nia.unheard()) == 1
    assert [notice["text"][:24] for notice in nia.answers()[1:]] == ["This button is from an e"] * 2
    nia.say("/ticket the kettle leaks")
    await nia.hears(2)
    nia.say("/tickets")
    await one(shop, nia)
    nia.press("Request #1002")
    await one(shop, nia)
    shown = await nia.last()
    for _ in range(3):
        nia.press_data(shown.buttons[0][1].data or "", shown.id)
    await shop.settled()
    _, ticket = await tickets(shop)
    assert (await history(shop, ticket)).count("closed") == 1


async def test_nobody_else_can_touch_a_request(shop: Shop) -> None:
    nia, eve = shop.customer(), shop.customer(666, "Eve")
    nia.say("/ticket the kettle leaks")
    await one(shop, nia)
    nia.say("/tickets")
    await one(shop, nia)
    nia.press("Request #1001")
    await one(shop, nia)
    eve.say("/ticket mine")
    await one(shop, eve)
    rows = await shop.rows(select(Touchpoint).where(Touchpoint.direction == "out"))
    stolen = [button.data for message in nia.messages() for row in message.buttons for button in row]
    for data in [*stolen, *(f"b:{row.id}:{n}" for row in rows for n in (0, 1, 99))]:
        eve.press_data(data or "")
    for data in (
        "b:",
        "b:1",
        "b:1:2:3",
        "b:-1:0",
        "b:99999999999999999999:0",
        "b:٣:0",
        "add:1",
        "close:1001",
        "x" * 64,
    ):
        eve.press_data(data)
    await shop.settled()
    first, second = await tickets(shop)
    assert (first.status, await history(shop, first)) == ("new", ["opened", "added", "escalated"])
    assert second.subject == "mine"
    assert not nia.unheard()
    assert not await shop.set_aside()
    presses = [touchpoint for touchpoint in await shop.ledger(eve) if touchpoint.kind == "press"]
    assert len(presses) == len(eve.answers()), "each press is recorded and answered"
