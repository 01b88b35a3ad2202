"""A message that was edited: the old state is kept, agents see both, and a changed question is answered once more."""

from __future__ import annotations

from dataclasses import replace

from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.repositories import ledger
from crm_store.unit import Unit
from faq.normalise import normalise
from support.agents.escalations import standing
from support.desk import Desk
from support.forms import talk as form_talk
from support.people import converse, meet
from support.policy import Act, judge
from support.talk import answering
from support.talk.dialog import Dialog
from support.talk.heard import record_heard
from support.talk.inbound import Inbound
from support.talk.turn import Turn
from support.talk.understanding import understand
from support.words.signals import read


async def edit(desk: Desk, unit: Unit, message: Inbound) -> None:
    """Answers again never while a human holds, never twice for one message, and only if its match changed."""
    person = await meet(unit, message.sender)
    former = await _former(unit, person, message)
    conversation = converse(desk, unit, person, message.text)
    heard = _record(unit, person, message, former)
    turn = Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)
    before = (former.text or "") if former else None
    if before != message.text:
        await _changed(turn, before, message)
    turn.keep()


async def _former(unit: Unit, person: Person, message: Inbound) -> Touchpoint | None:
    """The message as it was before, if it was kept."""
    states = await ledger.by_ref(unit, person.contact.id, message.ref) if message.ref else ()
    return states[-1] if states else None


def _record(unit: Unit, person: Person, message: Inbound, former: Touchpoint | None) -> Touchpoint:
    details = {**message.details, "before": former.text if former else None}
    kept = replace(message, kind="edit", client_key=None, details=details)
    return record_heard(unit, person, kept, former.id if former else None)


async def _changed(turn: Turn, before: str | None, message: Inbound) -> None:
    if turn.person.escalation:
        await turn.desk.room.heard(turn.unit, turn.person, turn.heard)
    if before and _may_answer_again(turn, message) and not await _corrects_form(turn, message):
        await _answer_again(turn, before, message)


def _may_answer_again(turn: Turn, message: Inbound) -> bool:
    return not turn.person.is_held and message.kind == "text" and message.ref not in turn.dialog.reanswered


async def _corrects_form(turn: Turn, message: Inbound) -> bool:
    return await form_talk.hear_edit(turn, message.ref, message.text.strip())


async def _answer_again(turn: Turn, before: str, message: Inbound) -> None:
    text = message.text.strip()
    old, new = understand(turn.desk.faq, before), understand(turn.desk.faq, text)
    if not normalise(text) or old.nearest == new.nearest:
        return
    if judge(standing(turn.person), read(text), new.decision, turn.desk.rules.policy).act is Act.ANSWER:
        turn.dialog.reanswered.append(message.ref or 0)
        turn.dialog.form = None  # it belonged to the question as it was
        answering.take_up(turn, new)
        await answering.give_answers(turn, new.answers, unknown=new.unknown, key="customer.edit", reply_to=message.ref)
