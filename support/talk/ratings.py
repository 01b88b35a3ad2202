"""How did we do? Asked once per ticket when it is resolved; what was not good is read by people."""

from __future__ import annotations

from crm_store.models import Ticket
from crm_store.person import Person
from crm_store.repositories import tickets
from crm_store.unit import Unit
from support.desk import Desk
from support.judging.strategies import leaves
from support.people import begin
from support.talk.dialog import Dialog, Offer
from support.talk.reply import Button, Reply
from support.talk.turn import Turn, say

STARS = range(1, 6)
GOOD = 4


async def ask(desk: Desk, unit: Unit, person: Person, ticket: Ticket) -> None:
    """Ends the conversation with its resolution and asks in the next one; never twice for one ticket, and not where
    the strategy of the customer's stage leaves it out.
    """
    language = person.conversation.language if person.conversation else ticket.language
    if person.conversation:
        person.conversation.ended_at = unit.now
    conversation = begin(unit, person, language, Dialog(greeted=True))
    if ticket.rating_asked_at or leaves(desk.rules.strategies, person.score, "rating"):
        text = desk.texts.say(language, "customer.agent.resolved", number=ticket.number)
        await say(desk, unit, person, Reply(text), ticket_id=ticket.id)
        return
    ticket.rating_asked_at = unit.now
    buttons = tuple(Button(str(n), f"rate:{ticket.id}:{n}") for n in STARS)
    text = desk.texts.say(language, "customer.rating.ask", number=ticket.number)
    asked = await say(desk, unit, person, Reply(text, buttons, kind="rating_request"), ticket_id=ticket.id)
    offer = Offer(touchpoint_id=asked.id, labels=[button.label for button in buttons])
    Dialog(greeted=True, offer=offer).keep(conversation)


async def rate(turn: Turn, ticket: Ticket, stars: int) -> str | None:
    """Keeps the first rating; a second press changes nothing and says so. Returns a notice for the press."""
    if ticket.rating is not None:
        return turn.text("customer.rating.already")
    ticket.rating = stars
    tickets.record(turn.unit, ticket, "rated", "customer", stars=stars)
    await turn.desk.room.told(turn.unit, turn.person, "agent.rating", number=ticket.number, stars=stars)
    if stars >= GOOD:
        await turn.tell("customer.rating.high")
        return None
    turn.dialog.awaiting, turn.dialog.ticket_id, turn.dialog.left_alone = "rating_comment", ticket.id, True
    reopen = turn.button("reopen", f"reopen:{ticket.id}", number=ticket.number)
    await turn.tell("customer.rating.low", reopen, turn.button("skip", "skip"))
    return None


async def comment(turn: Turn) -> None:
    """What should have gone better, in the customer's words."""
    ticket = await tickets.get(turn.unit, turn.dialog.ticket_id or 0)
    turn.dialog.stop_waiting()
    if ticket:
        words = turn.heard.text or ""
        tickets.record(turn.unit, ticket, "commented", "customer", touchpoint=str(turn.heard.id))
        await turn.desk.room.told(turn.unit, turn.person, "agent.rating_comment", number=ticket.number, comment=words)
    await turn.tell("customer.rating.comment")
