"""What customers may ask of their own data: what is kept, a copy, its deletion; and why they were put first."""

from __future__ import annotations

from crm_store.models import Escalation, OrderHistory
from crm_store.queries.reason_verdicts import wrong_of
from crm_store.repositories import escalations, schedule
from support.customers.own_data import COPY, FORGET_ASKED, READING_TIME
from support.customers.why_first import Placing, placing_of, why_first
from support.forms import asking as forms
from support.ledger import record
from support.policy import Reason
from support.talk.handover import hand_over
from support.talk.reply import Button
from support.talk.turn import Turn
from support.words.privacy_words import Wish


async def grant(turn: Turn, wish: Wish) -> None:
    """Asked for in words."""
    forms.put_aside(turn)
    turn.dialog.stop_waiting()
    await {"forget": offer_forgetting, "data": offer_data, "why_first": tell_why}[wish](turn)


async def offer_forgetting(turn: Turn) -> None:
    """Says what goes and what stays; nothing is done before a button says so."""
    await turn.tell("customer.privacy.forget", turn.button("send_copy", "data_copy"), *_either(turn))


async def offer_data(turn: Turn) -> None:
    """Says what is kept."""
    await turn.tell("customer.privacy.data", turn.button("send_copy", "data_copy"), *_either(turn))


def _either(turn: Turn) -> tuple[Button, Button]:
    return turn.button("delete_data", "data_delete"), turn.button("keep_data", "data_keep")


async def send_copy(turn: Turn) -> None:
    """The timetable makes it, off the path of messages, and sends it in this chat."""
    contact = turn.person.contact.id
    await schedule.ask_for(turn.unit, f"{COPY}:{contact}", COPY, turn.unit.now, {"contact": str(contact)})
    await turn.tell("customer.privacy.copy_coming", *_either(turn))


async def delete(turn: Turn) -> None:
    """Noted with this very answer, and done once it has arrived: afterwards nobody knows where to send it."""
    contact, at = turn.person.contact.id, turn.unit.now + READING_TIME
    await schedule.ask_for(turn.unit, f"{FORGET_ASKED}:{contact}", FORGET_ASKED, at, {"contact": str(contact)})
    turn.dialog.form = None
    turn.dialog.stop_waiting()
    await turn.tell("customer.privacy.deleting")


async def keep(turn: Turn) -> None:
    await turn.tell("customer.privacy.kept")


async def tell_why(turn: Turn) -> None:
    """Openly, from the reasons kept when it was decided; who was not put first hears that."""
    found = turn.person.escalation or await escalations.newest_of(turn.unit, turn.person.customer.id)
    if found is None:
        await turn.tell("customer.why.nothing")
        return
    because = why_first(await _placing(turn, found))
    if not because:
        await turn.tell("customer.why.turn")
        return
    first = turn.text(f"customer.why.first.{because[0].name}", **because[0].params)
    wrong = turn.button("not_right", "not_right")
    if len(because) == 1:
        await turn.tell("customer.why.one", wrong, first=first)
    else:
        second = turn.text(f"customer.why.also.{because[1].name}", **because[1].params)
        await turn.tell("customer.why.two", wrong, first=first, second=second)


async def _placing(turn: Turn, escalation: Escalation) -> Placing:
    session, desk = turn.unit.session, turn.desk
    history = await session.get(OrderHistory, turn.person.customer.id)
    orders, wrong = history.order_count if history else 0, await wrong_of(session, escalation.id)
    return placing_of(escalation, orders, wrong, turn.unit.now, desk.rules.policy, desk.timezone)


async def not_right(turn: Turn) -> None:
    """A person must look at what the program believed: who is in nobody's hands yet comes into the queue."""
    record(turn.unit, turn.person, "objection", author="customer", about_id=turn.heard.about_id)
    if turn.person.escalation:
        await turn.desk.room.told(turn.unit, turn.person, "agent.objection")
    else:
        await hand_over(turn, [Reason("objection")])
    await turn.tell("customer.why.noted")
