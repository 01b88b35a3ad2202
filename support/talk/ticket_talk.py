"""Talking about requests: asking what it is, confirming, adding, listing, closing, reopening."""

from __future__ import annotations

from collections import Counter
from functools import reduce

from crm_store.models import Order, Ticket, Touchpoint
from crm_store.repositories import orders, tickets
from support import tickets as work
from support.agents import escalations
from support.policy import Reason
from support.talk.drafts import hand_in
from support.talk.reply import Button
from support.talk.turn import Turn
from support.words.order_words import order_label
from support.words.times import moment

LISTED = 5
OFFERED_ORDERS = 3


async def ask_what(turn: Turn) -> None:
    """Begins a request: what is it, in a sentence?"""
    turn.dialog.stop_waiting()
    turn.dialog.awaiting = "ticket_subject"
    await turn.tell("customer.ticket.what")


async def keep_file(turn: Turn) -> None:
    """A photo or file out of the blue begins a request; several in a row are one."""
    dialog = turn.dialog
    dialog.draft.append(turn.heard.id)
    if dialog.awaiting == "ticket_subject" and len(dialog.draft) > 1:
        return
    dialog.awaiting = "ticket_subject"
    way_out = [turn.button("ask", "ask")] if turn.heard.kind == "voice" else []  # nobody but a person can listen
    await turn.tell(f"customer.ticket.got.{turn.heard.kind}", *way_out)


async def open_with(turn: Turn, subject: str) -> None:
    """The subject is known: the request gets its number, and a place in the queue."""
    dialog = turn.dialog
    ticket_id = dialog.ticket_id
    dialog.stop_waiting()
    if ticket_id and (ticket := await tickets.get(turn.unit, ticket_id)):
        await _note_subject(turn, ticket, subject)
        return
    ticket = await work.open_ticket(turn.desk, turn.unit, turn.person, subject)
    work.add_to(turn.unit, ticket, turn.heard.id)
    await put_in_line(turn, ticket, await orders.last(turn.unit, turn.person.customer.id))


async def put_in_line(turn: Turn, ticket: Ticket, order: Order | None) -> None:
    """The request goes to the queue with its order and the files that were waiting for it; its number is told."""
    ticket.order_id = order.id if order else None
    known = turn.person.escalation
    await escalations.escalate(
        turn.desk, turn.unit, turn.person, [Reason("ticket_opened")], subject=ticket.subject, ticket=ticket
    )
    if known:  # whoever reads the card already must see what the request says
        await turn.desk.room.changed(turn.unit, turn.person, known)
    draft = await hand_in(turn, ticket)
    await _confirm(turn, ticket, _media(turn, draft), order.external_id if order else "")


async def _note_subject(turn: Turn, ticket: Ticket, subject: str) -> None:
    ticket.subject = work.shorten(subject)
    work.add_to(turn.unit, ticket, turn.heard.id)
    await turn.tell("customer.ticket.noted", *_after_opening(turn, ticket), number=ticket.number)


_OPENED = {
    (False, False): "customer.ticket.opened",
    (True, False): "customer.ticket.opened.media",
    (False, True): "customer.ticket.opened.order",
    (True, True): "customer.ticket.opened.media_order",
}


async def _confirm(turn: Turn, ticket: Ticket, media: str, order: str) -> None:
    key = _OPENED[bool(media), bool(order)]
    buttons = [turn.button("add", f"add:{ticket.id}")]
    if order:
        buttons.append(turn.button("change_order", f"change_order:{ticket.id}"))
    parts = {"media": media, "order": order}
    when = moment(ticket.due_at, turn.unit.now, turn.language, turn.desk.timezone)
    shown = {name: value for name, value in parts.items() if value}
    await turn.tell(key, *buttons, number=ticket.number, subject=ticket.subject, when=when, **shown)


def _media(turn: Turn, draft: list[Touchpoint]) -> str:
    """ "2 photos", in the customer's words; kinds in the order in which they came."""
    kinds = [row.kind for row in draft]
    if turn.heard.kind not in ("text", "press"):
        kinds.append(turn.heard.kind)
    counts = Counter(kinds)
    named = [turn.text(f"customer.ticket.media.{kind}", count=count) for kind, count in counts.items()]
    return reduce(lambda a, b: turn.text("customer.ticket.media.and", first=a, second=b), named) if named else ""


def _after_opening(turn: Turn, ticket: Ticket) -> tuple[Button, ...]:
    return turn.button("add", f"add:{ticket.id}"), turn.button("cancel", f"close:{ticket.id}")


async def ask_addition(turn: Turn, ticket: Ticket) -> None:
    turn.dialog.stop_waiting()
    turn.dialog.awaiting, turn.dialog.ticket_id = "ticket_addition", ticket.id
    await turn.tell("customer.ticket.add_what", number=ticket.number)


async def add(turn: Turn) -> None:
    """The words or file just heard belong to the request that was asked about."""
    ticket = await tickets.get(turn.unit, turn.dialog.ticket_id or 0)
    turn.dialog.stop_waiting()
    if ticket is None:
        await turn.tell("customer.ticket.none")
        return
    work.add_to(turn.unit, ticket, turn.heard.id)
    await turn.tell("customer.ticket.added", *_after_opening(turn, ticket), number=ticket.number)


async def show_list(turn: Turn) -> None:
    """/tickets: the newest requests and a button for each."""
    own = list(await tickets.of_customer(turn.unit, turn.person.customer.id, LISTED))
    if not own:
        await turn.tell("customer.ticket.none")
        return
    lines = [turn.text("customer.ticket.list"), *(_line(turn, ticket) for ticket in own)]
    buttons = [turn.button("ticket", f"show:{ticket.id}", number=ticket.number) for ticket in own[:4]]
    await turn.say_text("\n".join(lines), *buttons)


async def show(turn: Turn, ticket: Ticket) -> None:
    """One request with its history and what can be done with it."""
    events = await tickets.history(turn.unit, ticket.id)
    lines = [_line(turn, ticket)]
    for event in events:
        if event.kind in ("opened", "added", "reopened", "resolved", "closed"):
            when = moment(event.at, turn.unit.now, turn.language, turn.desk.timezone)
            lines.append(turn.text(f"customer.ticket.event.{event.kind}", when=when))
    await turn.say_text("\n".join(lines), *_what_can_be_done(turn, ticket))


def _what_can_be_done(turn: Turn, ticket: Ticket) -> tuple[Button, ...]:
    if ticket.status in tickets.UNFINISHED:
        return turn.button("add", f"add:{ticket.id}"), turn.button("close", f"close:{ticket.id}")
    return (turn.button("reopen", f"reopen:{ticket.id}", number=ticket.number),)


def _line(turn: Turn, ticket: Ticket) -> str:
    status = turn.text(f"customer.status.{ticket.status}")
    return turn.text("customer.ticket.line", number=ticket.number, subject=ticket.subject, status=status)


async def close(turn: Turn, ticket: Ticket) -> None:
    """The customer no longer needs it; a colleague who holds it is told by the card."""
    if ticket.status in tickets.UNFINISHED:
        work.close(turn.unit, ticket)
        if turn.person.escalation and turn.person.escalation.ticket_id == ticket.id:
            await turn.desk.room.told(turn.unit, turn.person, "agent.cancelled")
            await escalations.end(turn.desk, turn.unit, turn.person, "cancelled")
    await turn.tell(
        "customer.ticket.closed",
        turn.button("reopen", f"reopen:{ticket.id}", number=ticket.number),
        number=ticket.number,
    )


async def reopen(turn: Turn, ticket: Ticket) -> None:
    """Back to the queue with its number and history."""
    turn.dialog.stop_waiting()
    if ticket.status not in tickets.UNFINISHED:
        work.reopen(turn.desk, turn.unit, turn.person, ticket)
        await escalations.escalate(
            turn.desk, turn.unit, turn.person, [Reason("reopened")], subject=ticket.subject, ticket=ticket
        )
    when = moment(ticket.due_at, turn.unit.now, turn.language, turn.desk.timezone)
    await turn.tell("customer.ticket.reopened", turn.button("add", f"add:{ticket.id}"), number=ticket.number, when=when)


async def ask_order(turn: Turn, ticket: Ticket) -> None:
    """Which order is the request about?"""
    own = await orders.latest(turn.unit, turn.person.customer.id, OFFERED_ORDERS)
    choices = [turn.plain_button(order_label(o), f"order:{ticket.id}:{o.id}") for o in own]
    await turn.tell("customer.ticket.order_which", *choices)


async def set_order(turn: Turn, ticket: Ticket, order_id: int) -> None:
    order = await orders.get(turn.unit, order_id)
    if order is None or order.customer_id != turn.person.customer.id:
        await turn.tell("customer.order.none")
        return
    ticket.order_id = order.id
    tickets.record(turn.unit, ticket, "order", "customer", order=order.external_id)
    await turn.tell("customer.ticket.order_changed", number=ticket.number, order=order.external_id)
