"""What our buttons do. An action is read from our own ledger, checked against its owner, and done once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from crm_store.models import Ticket
from crm_store.repositories import tickets
from faq.answers import title_in
from support import tickets as ticket_work
from support.agents import escalations
from support.forms import asking as forms
from support.forms import steps as form_steps
from support.knowledge import lessons
from support.policy import Reason
from support.talk import answering, fallback, privacy_talk, ratings, recognising, small_talk, stage_talk, ticket_talk
from support.talk.handover import hand_over_and_tell
from support.talk.turn import Turn

Notice = str | None
"""A short line shown at the pressed button, where there is one to show."""


async def perform(turn: Turn, action: str, *, current: bool) -> Notice:
    """Does what a button says. `current`: it belongs to our last message; an older one may only speak of tickets."""
    verb, *arguments = action.split(":")
    if verb in _TALK or verb in _OWN_DATA:
        return await _go_on(turn, verb, arguments) if current else turn.text("customer.button.stale")
    ticket = await _own_ticket(turn, arguments)
    if ticket is None:
        return turn.text("customer.button.stale")
    forms.put_aside(turn)
    return await _TICKET[verb](turn, ticket, *arguments[1:])


async def _go_on(turn: Turn, verb: str, arguments: list[str]) -> Notice:
    if verb in _TALK and turn.person.is_held:
        return turn.text("customer.human.present")
    turn.dialog.offer = None
    await (_TALK | _OWN_DATA)[verb](turn, *arguments)
    return None


async def _own_ticket(turn: Turn, arguments: list[str]) -> Ticket | None:
    ticket = await tickets.get(turn.unit, int(arguments[0]))
    return ticket if ticket and ticket.customer_id == turn.person.customer.id else None


async def _helped(turn: Turn) -> None:
    turn.dialog.failures, turn.dialog.form = 0, None
    await lessons.helped(turn)
    await stage_talk.tell_and_ask(turn, "customer.helped")


async def _not_quite(turn: Turn) -> None:
    lessons.not_helped(turn)
    turn.dialog.form = None  # it belonged to the answer that was not meant
    await answering.not_helpful(turn)


async def _pick(turn: Turn, entry_id: str) -> None:
    if entry_id in turn.desk.faq.entries:
        await lessons.picked(turn, entry_id)
        await answering.give_answers(turn, [entry_id])
    else:  # withdrawn in the meantime
        await fallback.refuse(turn)


async def _offered(turn: Turn, entry_id: str) -> None:
    """An entry that the stage's strategy had on offer: what was asked before says nothing about it."""
    turn.dialog.asked = []
    entry = turn.desk.faq.entries.get(entry_id)
    if entry:
        turn.dialog.new_matter(title_in(entry, turn.language, turn.desk.default_language), turn.heard.channel_ref)
        await answering.give_answers(turn, [entry_id])
    else:  # withdrawn in the meantime
        await fallback.refuse(turn)


async def _answered(turn: Turn) -> None:
    await turn.tell("customer.strategy.answered")


async def _none(turn: Turn) -> None:
    lessons.none_of_these(turn)
    await fallback.rephrase(turn)


def _of_form(step: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def go(turn: Turn, *arguments: str) -> None:
        if turn.dialog.form:
            await step(turn, *arguments)
        else:  # its entry was changed or withdrawn in the meantime
            turn.preface = ""
            await turn.tell("customer.form.changed")

    return go


async def _ask(turn: Turn) -> None:
    await hand_over_and_tell(turn, [Reason("asked_human")])


async def _no_need(turn: Turn) -> None:
    if turn.person.escalation and turn.person.escalation.state == "waiting":
        ticket = await tickets.get(turn.unit, turn.person.escalation.ticket_id)
        if ticket and ticket.status == "new":
            ticket_work.close(turn.unit, ticket)
        await turn.desk.room.told(turn.unit, turn.person, "agent.cancelled")
        await escalations.end(turn.desk, turn.unit, turn.person, "not_needed")
    turn.dialog.stop_waiting()
    turn.dialog.form = None
    await turn.tell("customer.no_need")


async def _skip(turn: Turn) -> None:
    turn.dialog.stop_waiting()
    await turn.tell("customer.rating.skipped")


async def _rate(turn: Turn, ticket: Ticket, stars: str) -> Notice:
    turn.dialog.offer = None
    return await ratings.rate(turn, ticket, int(stars))


async def _set_order(turn: Turn, ticket: Ticket, order_id: str) -> Notice:
    await ticket_talk.set_order(turn, ticket, int(order_id))
    return None


def _about(work: Callable[[Turn, Ticket], Awaitable[None]]) -> Callable[..., Awaitable[Notice]]:
    async def perform_it(turn: Turn, ticket: Ticket) -> Notice:
        await work(turn, ticket)
        return None

    return perform_it


_TALK: dict[str, Callable[..., Awaitable[None]]] = {
    "helped": _helped,
    "not_quite": _not_quite,
    "pick": _pick,
    "none": _none,
    "offered": _offered,
    "answered": _answered,
    "ask": _ask,
    "person": _ask,
    "note": ticket_talk.ask_what,
    "repair": ticket_talk.ask_what,
    "my_order": small_talk.last_order,
    "identify": recognising.ask,
    "no_need": _no_need,
    "skip": _skip,
    "form_take": _of_form(form_steps.take),
    "form_skip": _of_form(form_steps.skip),
    "form_more": _of_form(form_steps.more),
    "form_send": _of_form(form_steps.send),
    "form_correct": _of_form(form_steps.correct),
    "form_again": _of_form(form_steps.again),
    "form_leave": _of_form(form_steps.leave),
}

_OWN_DATA: dict[str, Callable[..., Awaitable[None]]] = {
    "data_copy": privacy_talk.send_copy,
    "data_delete": privacy_talk.delete,
    "data_keep": privacy_talk.keep,
    "not_right": privacy_talk.not_right,
}
"""A customer's own right, so a colleague who holds the chat does not stand in its way."""

_TICKET: dict[str, Callable[..., Awaitable[Notice]]] = {
    "add": _about(ticket_talk.ask_addition),
    "close": _about(ticket_talk.close),
    "reopen": _about(ticket_talk.reopen),
    "show": _about(ticket_talk.show),
    "change_order": _about(ticket_talk.ask_order),
    "order": _set_order,
    "rate": _rate,
}
