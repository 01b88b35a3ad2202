"""What a form has collected, put to a ticket: when it is sent, or when a human takes over in the middle of it."""

from __future__ import annotations

from crm_store.models import Ticket
from crm_store.repositories import tickets
from faq.entry import FormField
from support import tickets as work
from support.forms.answers import asked_in, shown
from support.forms.asking import fields_of
from support.forms.state import FormAnswer
from support.talk import drafts
from support.talk.turn import Turn
from support.ticket_details import Detail, data_of


def details(turn: Turn) -> list[Detail]:
    """The answers so far, worded for agents; what was skipped is left out."""
    state = turn.dialog.form
    answered = [(field, state.answers.get(field.slot)) for field in fields_of(turn)] if state else []
    return [_detail(turn, field, answer) for field, answer in answered if answer]


def _detail(turn: Turn, field: FormField, answer: FormAnswer) -> Detail:
    language = turn.desk.default_language
    words = "" if answer.on_record else shown(turn.desk, field, answer, language, turn.unit.now)
    on_record = field.type if answer.on_record else None
    return Detail(field.slot, asked_in(field, language, language), words, answer.sure, on_record)


def put_to(turn: Turn, ticket: Ticket) -> None:
    """The ticket holds the details from now on; files go with the draft. There is no form any more."""
    if found := details(turn):
        ticket.details = {**(ticket.details or {}), **data_of(found)}
        tickets.record(turn.unit, ticket, "details", "customer", slots=[detail.slot for detail in found])
    if turn.dialog.form:
        turn.dialog.draft = [*turn.dialog.draft, *turn.dialog.form.files]
    turn.dialog.form = None


async def hand_in(turn: Turn) -> None:
    """A human takes over: what was collected goes to the ticket that they will have before them.

    Comes before the customer is put into the queue, so that the card shows it from the beginning.
    """
    state, escalation = turn.dialog.form, turn.person.escalation
    if state is None:
        return
    ticket = await _ticket(turn)
    if ticket is None:
        turn.dialog.form = None
        return
    put_to(turn, ticket)
    if escalation:
        await drafts.hand_in(turn, ticket)
        await turn.desk.room.changed(turn.unit, turn.person, escalation)


async def _ticket(turn: Turn) -> Ticket | None:
    """The one they are in the queue with, else the open one, else a new one if there is anything to put to it."""
    if turn.person.escalation:
        return await tickets.get(turn.unit, turn.person.escalation.ticket_id)
    if known := await tickets.unfinished(turn.unit, turn.person.customer.id):
        return known
    if not details(turn):
        return None
    subject = turn.dialog.question or turn.heard.text or "—"
    return await work.open_ticket(turn.desk, turn.unit, turn.person, subject)
