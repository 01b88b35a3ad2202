"""What can be done with a form under way: answer, skip, correct, leaf on, send, leave."""

from __future__ import annotations

from crm_store.models import Order, Ticket
from crm_store.repositories import orders, tickets
from faq.answers import title_in
from faq.entry import FormField
from support import tickets as work
from support.forms import asking as forms
from support.forms.answers import from_button, own_order, read_answer
from support.forms.handing import put_to
from support.forms.slots import Problem
from support.forms.state import FormAnswer, FormState
from support.talk import ticket_talk
from support.talk.turn import Turn

TRIES = 2
"""So often an answer that cannot be read is asked for again; then the customer's words are kept as they are."""
TRIES_FOR_AN_ORDER = 1
"""The shop's orders may be newer than the last import, so a number that we do not know is soon believed."""


async def answer(turn: Turn, text: str) -> None:
    """Words that answer the present question, or come near to it."""
    state, field = _present(turn)
    found = await read_answer(turn, field, text)
    if isinstance(found, Problem):
        await _not_understood(turn, state, field, found, text)
    else:
        await _take(turn, found)


async def _not_understood(turn: Turn, state: FormState, field: FormField, problem: Problem, text: str) -> None:
    if state.tries < (TRIES_FOR_AN_ORDER if field.type == "order_number" else TRIES):
        state.tries, state.refused = state.tries + 1, turn.heard.channel_ref
        await forms.tell(turn, turn.text(problem.key))
    else:
        state.take(forms.fields_of(turn), FormAnswer(value=text, sure=False, ref=turn.heard.channel_ref))
        await forms.tell(turn, turn.text("customer.form.kept"))


async def take(turn: Turn, place: str, *token: str) -> None:
    """A pressed answer, if it belongs to the present question."""
    state, _ = _present(turn)
    if state.stage == "asking" and state.at == int(place):
        await _take(turn, from_button(":".join(token)))
    else:
        await forms.tell(turn)


async def change(turn: Turn, place: int, text: str) -> None:
    """An answer given before now reads otherwise; the form stays where it is. What cannot be read is kept as it is."""
    state, _ = _present(turn)
    field = forms.fields_of(turn)[place]
    found = await read_answer(turn, field, text)
    if isinstance(found, Problem):
        found = FormAnswer(value=text, sure=False)
    state.answers[field.slot] = found.model_copy(update={"ref": turn.heard.channel_ref})
    asked = await forms.question(turn)
    await turn.say_text(turn.text("customer.edit", answer=asked.text), *asked.buttons)


async def skip(turn: Turn) -> None:
    state, field = _present(turn)
    if state.stage == "asking" and not field.required:
        await _take(turn, None)
    else:
        await forms.tell(turn)


async def _take(turn: Turn, found: FormAnswer | None) -> None:
    state, _ = _present(turn)
    said = found.model_copy(update={"ref": turn.heard.channel_ref}) if found else None
    state.take(forms.fields_of(turn), said)
    await forms.tell(turn)


async def correct(turn: Turn) -> None:
    """Which one is to be changed? With a single field there is nothing to ask."""
    state, _ = _present(turn)
    if len(forms.fields_of(turn)) == 1:
        state.ask_again(0)
    else:
        state.stage, state.page = "choosing", 0
    await forms.tell(turn)


async def again(turn: Turn, place: str) -> None:
    """The chosen question once more."""
    state, _ = _present(turn)
    state.ask_again(min(int(place), len(forms.fields_of(turn)) - 1))
    await forms.tell(turn)


async def more(turn: Turn) -> None:
    state, _ = _present(turn)
    state.page += 1
    await forms.tell(turn)


async def leave(turn: Turn) -> None:
    """Nothing is kept, and the customer hears so; another form that was waiting comes next."""
    state, _ = _present(turn)
    turn.dialog.form = None
    await turn.tell("customer.form.left_one" if await forms.go_on(turn, state.then) else "customer.form.left")


async def leave_all(turn: Turn) -> None:
    """Whoever says goodbye is asked no more."""
    turn.dialog.form = None
    await turn.tell("customer.form.left")


async def send(turn: Turn) -> None:
    """The answers become a ticket about the entry's matter, or fill the one that the answer itself had opened."""
    state, _ = _present(turn)
    subject = title_in(turn.desk.faq.entries[state.entry_id], turn.language, turn.desk.default_language)
    order = await _order(turn, state)
    ticket = await _own_ticket(turn, state)
    if ticket:
        ticket.subject = work.shorten(subject)
    else:
        ticket = await work.open_ticket(turn.desk, turn.unit, turn.person, subject)
    put_to(turn, ticket)
    await forms.go_on(turn, state.then)
    await ticket_talk.put_in_line(turn, ticket, order)


async def _order(turn: Turn, state: FormState) -> Order | None:
    """The one that was named; where the form does not ask for any, the newest, as with every request."""
    field = next((field for field in forms.fields_of(turn) if field.type == "order_number"), None)
    if field is None:
        return await orders.last(turn.unit, turn.person.customer.id)
    named = state.answers.get(field.slot)
    return await own_order(turn, named.value) if named else None


async def _own_ticket(turn: Turn, state: FormState) -> Ticket | None:
    """The ticket that the answer opened by putting the customer into the queue, as long as nobody is done with it."""
    ticket = await tickets.get(turn.unit, state.ticket_id) if state.ticket_id else None
    return ticket if ticket and ticket.status in tickets.UNFINISHED else None


def _present(turn: Turn) -> tuple[FormState, FormField]:
    """The form under way and the field it is at. Raises LookupError without one."""
    state, fields = turn.dialog.form, forms.fields_of(turn)
    if state is None or not fields:
        raise LookupError("no form is under way")
    return state, fields[state.at]
