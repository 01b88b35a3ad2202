"""A customer's message or press: recorded, understood, answered – on any channel, in one unit of work."""

from __future__ import annotations

from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.repositories import ledger
from crm_store.unit import Unit
from faq.normalise import normalise
from support.customers import facts
from support.desk import Desk
from support.forms import asking as forms
from support.forms import handing as form_handing
from support.forms import talk as form_talk
from support.people import converse, meet
from support.talk import answering, commands, file_talk, privacy_talk, ratings, small_talk, ticket_talk
from support.talk.actions import Notice, perform
from support.talk.dialog import Dialog
from support.talk.heard import record_heard
from support.talk.inbound import Inbound, Press
from support.talk.offers import action_of, typed_action
from support.talk.recognising import recognise
from support.talk.turn import Turn
from support.words.privacy_words import privacy_wish
from support.words.signals import Signals, lone_number, read


async def hear(desk: Desk, unit: Unit, message: Inbound) -> Touchpoint:
    """Records a message and answers it. A web page's repeated post (same client_key) is answered once."""
    person = await meet(unit, message.sender)
    if message.client_key and (known := await ledger.by_client_key(unit, person.contact.id, message.client_key)):
        return known
    turn = _turn(desk, unit, person, message)
    reachable_again(unit, person)
    await recognise(turn, message)
    await facts.overhear(desk, unit, person, turn.heard, turn.language)
    if person.escalation:
        await desk.room.heard(unit, person, turn.heard)
    if person.is_held:
        await form_handing.hand_in(turn)
    own_data = message.kind == "text" and commands.is_about_own_data(message.text.strip())
    if not person.is_held or own_data or turn.dialog.awaiting == "ticket_addition":
        await _answer(turn, message)
    elif turn.dialog.awaiting is None:
        turn.dialog.offer = None
    turn.keep()
    return turn.heard


def _turn(desk: Desk, unit: Unit, person: Person, message: Inbound) -> Turn:
    former = person.conversation
    conversation = converse(desk, unit, person, message.text)
    heard = record_heard(unit, person, message)
    turn = Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)
    if former and former is not conversation:
        forms.forget_with(turn, former)
    forms.forget_if_changed(turn)
    return turn


def reachable_again(unit: Unit, person: Person) -> None:
    """Whoever writes can be written to."""
    if person.contact.state != "active":
        person.contact.state, person.contact.state_changed_at = "active", unit.now


async def _answer(turn: Turn, message: Inbound) -> None:
    text = message.text.strip()
    if message.kind in file_talk.KINDS:
        await file_talk.take(turn, text)
    elif message.phone:
        await small_talk.recognised(turn)
    elif message.kind != "text":
        await _own_reply(turn, message.kind)
    elif commands.is_command(text):
        await commands.run(turn, text)
    elif action := await typed_action(turn, text):
        await perform(turn, action, current=True)
    elif wish := privacy_wish(text):
        await privacy_talk.grant(turn, wish)
    elif await form_talk.hear(turn, text):
        return
    elif not normalise(text):
        await _signs(turn, read(text))
    else:
        await _words(turn, text)


async def _signs(turn: Turn, signals: Signals) -> None:
    """Emoji, punctuation or nothing that can be seen."""
    if signals.thanks:
        await small_talk.thank(turn)
    else:
        await _own_reply(turn, small_talk.named(signals) or "unclear")


async def _own_reply(turn: Turn, name: str, **params: object) -> None:
    """What the FAQ has nothing to do with has its own reply, unless a colleague is going to see it anyway."""
    if turn.dialog.form:
        await form_talk.interrupted(turn, name, **params)
    elif turn.person.escalation and turn.dialog.awaiting is None:
        await answering.in_line(turn)
    else:
        await small_talk.reply(turn, name, **params)


async def _words(turn: Turn, text: str) -> None:
    signals = read(text)
    match turn.dialog.awaiting:
        case "ticket_subject" if signals.thanks:
            await small_talk.thank(turn)
        case "ticket_subject" if not (signals.wants_human or signals.small_talk):
            await ticket_talk.open_with(turn, text)
        case "ticket_addition":
            await ticket_talk.add(turn)
        case "rating_comment":
            await ratings.comment(turn)
        case _:
            turn.dialog.stop_waiting()
            await _talk(turn, text, signals)


async def _talk(turn: Turn, text: str, signals: Signals) -> None:
    if signals.greeting and not turn.person.escalation:
        await small_talk.greet(turn)
    elif signals.thanks:
        await small_talk.thank(turn)
    elif not signals.greeting and (name := small_talk.named(signals)):
        await _own_reply(turn, name)
    elif number := lone_number(text):
        if not await small_talk.tell_order(turn, number):
            await _own_reply(turn, "number", number=number)
    else:
        await answering.ask(turn, text, signals)


async def press(desk: Desk, unit: Unit, press_: Press) -> Notice:
    """A pressed button; returns a short notice to show at it, if there is one."""
    person = await meet(unit, press_.sender)
    action = await action_of(unit, person, press_.touchpoint_id, press_.index)
    offered = await ledger.get(unit, press_.touchpoint_id) if action else None
    label = offered.payload["buttons"][press_.index]["label"] if offered and offered.payload else ""
    conversation = converse(desk, unit, person, "")
    about = press_.touchpoint_id if offered else None
    heard = record_heard(unit, person, Inbound(press_.sender, label, "press", details={"action": action}), about)
    turn = Turn(desk, unit, person, conversation, Dialog.of(conversation), heard)
    if action is None:
        return turn.text("customer.button.stale")
    forms.forget_if_changed(turn)
    if person.escalation:
        await desk.room.heard(unit, person, heard)
    offer = turn.dialog.offer
    notice = await perform(turn, action, current=offer is not None and offer.touchpoint_id == press_.touchpoint_id)
    turn.keep()
    return notice
