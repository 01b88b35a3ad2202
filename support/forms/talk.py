"""What a customer says while a form is under way: an answer, a way out of it, or something else altogether."""

from __future__ import annotations

from faq.matcher import Decision
from faq.normalise import normalise
from support.forms import asking as forms
from support.forms import steps as form_steps
from support.forms.answers import read_answer
from support.forms.slots import Problem
from support.forms.spoken import says_yes, wants_to_leave, wants_to_skip
from support.forms.state import FormState
from support.talk import small_talk
from support.talk.turn import Turn
from support.talk.understanding import understand
from support.words.signals import Signals, lone_number, read

FREE = ("text", "order_number")
"""Types that nearly any words would fit, so that a way out is looked for first."""


async def hear(turn: Turn, text: str) -> bool:
    """Deals with words amid a form. False: they are about something else, and the rest of the conversation has them.

    A wish for a human, a complaint and haste are always heard; a question that the FAQ is sure of is answered, except
    where any words would do for an answer, and the form goes on after it.
    """
    state = turn.dialog.form
    if state is None:
        return False
    signals = read(text)
    if await _fits(turn, state, text):
        await form_steps.answer(turn, text)
    elif signals.farewell:
        await form_steps.leave_all(turn)
    elif wants_to_leave(text):
        await form_steps.leave(turn)
    elif signals.wants_human or signals.complaint or signals.urgent:
        return False
    elif signals.greeting or signals.thanks:
        await _courtesy(turn, state, signals)
    elif not signals.polite and (name := small_talk.named(signals)):
        await interrupted(turn, name)
    elif state.stage != "asking":
        return await _decide(turn, state, text)
    else:
        return await _answer(turn, state, text)
    return True


async def _fits(turn: Turn, state: FormState, text: str) -> bool:
    """Whether a question with an answer of its own kind has just got one, whatever else the words may mean."""
    field = forms.fields_of(turn)[state.at]
    if state.stage != "asking" or field.type in FREE:
        return False
    return not isinstance(await read_answer(turn, field, text), Problem)


async def _courtesy(turn: Turn, state: FormState, signals: Signals) -> None:
    """Hello is no answer; thanks right after the FAQ's answer mean that it was enough."""
    if signals.thanks and not state.answers and not state.tries:
        turn.dialog.form = None
        await small_talk.thank(turn)
    else:
        await forms.tell(turn, turn.text("customer.form.welcome" if signals.thanks else "customer.form.here"))


async def interrupted(turn: Turn, name: str, **params: object) -> None:
    """What has a reply of its own (are you a bot?, a sticker) gets it, and the question again."""
    key, _ = small_talk.REPLIES.get(name, small_talk.UNREAD)
    await forms.tell(turn, turn.text(key, shop=turn.desk.shop, **params))


async def _decide(turn: Turn, state: FormState, text: str) -> bool:
    """Yes or no to sending; at either stage a sure question is answered first."""
    agreed = says_yes(text) if state.stage == "summary" else None
    if agreed is not None:
        await (form_steps.send(turn) if agreed else form_steps.correct(turn))
    elif _is_sure(turn, text):
        return False
    else:
        await forms.tell(turn)
    return True


async def _answer(turn: Turn, state: FormState, text: str) -> bool:
    field = forms.fields_of(turn)[state.at]
    if not field.required and wants_to_skip(text):
        await form_steps.skip(turn)
    elif field.type != "text" and _is_sure(turn, text) and isinstance(await read_answer(turn, field, text), Problem):
        return False
    else:
        await form_steps.answer(turn, text)
    return True


def _is_sure(turn: Turn, text: str) -> bool:
    """Whether the FAQ answers it; no or 5512 is an answer of the customer's own, whatever entry is near to it."""
    if not normalise(text) or read(text).small_talk or lone_number(text):
        return False
    return understand(turn.desk.faq, text).decision is Decision.ANSWER


async def hear_edit(turn: Turn, ref: int | None, text: str) -> bool:
    """An edited message that was an answer to the form under way, or was to be one; False for any other."""
    state, fields = turn.dialog.form, forms.fields_of(turn)
    if state is None or not fields or ref is None:
        return False
    if ref == state.refused:
        await form_steps.answer(turn, text)
        return True
    answered = {answer.ref: slot for slot, answer in state.answers.items() if answer}
    place = next((n for n, field in enumerate(fields) if field.slot == answered.get(ref)), None)
    if place is not None:
        await form_steps.change(turn, place, text)
    return place is not None


async def take_file(turn: Turn, caption: str) -> bool:
    """A photo or file goes with the request; its caption is heard like any words. False without a form.

    Who is in the queue already has a colleague who sees it without our help.
    """
    state = turn.dialog.form
    if state is None:
        return False
    if not turn.person.escalation:
        state.files.append(turn.heard.id)
    if normalise(caption) and await hear(turn, caption):
        return True
    if turn.dialog.form:
        await forms.tell(turn, turn.text("customer.form.file"))
    return turn.dialog.form is not None
