"""The form that may follow an answer: begun with it, worded question by question, forgotten when it no longer holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from crm_store.models import Conversation, Ticket
from crm_store.repositories import tickets
from faq.answers import title_in
from faq.entry import FaqEntry, FormField
from faq.typesetting import plain
from support.forms.answers import asked_in, offers, shown_to
from support.forms.state import FormState, shape_of
from support.talk.dialog import Dialog
from support.talk.reply import MOST_BUTTONS, Button, Reply
from support.talk.turn import Turn
from support.words.shortening import shortened

LABEL_LENGTH = 30
SUMMARY_LENGTH = 120

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What the form says now."""

    text: str
    buttons: tuple[Button, ...]


def fields_of(turn: Turn) -> tuple[FormField, ...]:
    """The fields of the form under way; none if there is none, or if its entry was withdrawn or asks otherwise now."""
    state = turn.dialog.form
    entry = turn.desk.faq.entries.get(state.entry_id) if state else None
    return entry.form if state and entry and shape_of(entry.form) == state.shape else ()


async def follow(
    turn: Turn, entry_ids: Iterable[str], text: str, buttons: Sequence[Button]
) -> tuple[str, Sequence[Button]]:
    """An answer and its buttons, with the form's first question after it if one of the entries has a form.

    A form that is under way already comes before any other: it takes up its question again. Where several entries have
    one, the others' come after it (see `go_on`). `text` is Markdown.
    """
    under_way = turn.dialog.form is not None
    if under_way:
        _remember(turn, entry_ids)
    elif not _begin(turn, entry_ids, await _ticket_just_opened(turn)):
        return text, buttons
    asked = await question(turn)
    words = turn.text("customer.form.back", question=asked.text) if under_way else asked.text
    others = () if under_way else tuple(reversed(buttons))
    return f"{text}\n\n{plain(words)}", (*asked.buttons, *others)[:MOST_BUTTONS]


async def go_on(turn: Turn, entry_ids: Iterable[str]) -> bool:
    """A form has ended: the next one's first question stands below whatever is said now. False where none is left."""
    if not _begin(turn, entry_ids, None):
        return False
    asked, state = await question(turn), turn.dialog.form
    title = title_in(turn.desk.faq.entries[state.entry_id], turn.language, turn.desk.default_language) if state else ""
    turn.afterwards = Reply(turn.text("customer.form.next", title=title, question=asked.text), asked.buttons)
    return True


def _begin(turn: Turn, entry_ids: Iterable[str], ticket: Ticket | None) -> bool:
    """From the next words on, the form is what they are about; False where no entry has one."""
    entries = _with_form(turn, entry_ids)
    if not entries:
        return False
    first, *others = entries
    ticket_id = ticket.id if ticket else None
    turn.dialog.stop_waiting()
    turn.dialog.form = FormState(
        entry_id=first.id, shape=shape_of(first.form), ticket_id=ticket_id, then=[entry.id for entry in others]
    )
    return True


def _remember(turn: Turn, entry_ids: Iterable[str]) -> None:
    """Their forms come after the one under way."""
    if state := turn.dialog.form:
        found = [entry.id for entry in _with_form(turn, entry_ids) if entry.id != state.entry_id]
        state.then = list(dict.fromkeys([*state.then, *found]))


def _with_form(turn: Turn, entry_ids: Iterable[str]) -> list[FaqEntry]:
    """An entry may have been withdrawn meanwhile."""
    entries = turn.desk.faq.entries
    return [entries[entry_id] for entry_id in entry_ids if entry_id in entries and entries[entry_id].form]


async def _ticket_just_opened(turn: Turn) -> Ticket | None:
    """The one by which this very answer put the customer into the queue: the form fills it instead of another."""
    escalation = turn.person.escalation
    ticket = await tickets.get(turn.unit, escalation.ticket_id) if escalation else None
    return ticket if ticket and ticket.opened_at == turn.unit.now else None


def forget_if_changed(turn: Turn) -> None:
    """A form whose entry was withdrawn or changed cannot go on; the turn's answer begins by saying so."""
    if turn.dialog.form and not fields_of(turn):
        turn.dialog.form = None
        turn.preface = turn.text("customer.form.changed")


def forget_with(turn: Turn, former: Conversation) -> None:
    """The conversation that ended took its form along; nothing of it is kept."""
    dialog = Dialog.of(former)
    if dialog.form:
        dialog.form = None
        dialog.keep(former)
        turn.preface = turn.text("customer.form.lapsed")


def put_aside(turn: Turn) -> None:
    """Something else was asked for; the turn's answer begins by saying that nothing was sent."""
    if turn.dialog.form:
        turn.dialog.form = None
        turn.preface = turn.text("customer.form.aside")


async def tell(turn: Turn, first: str = "") -> None:
    """The form's present question, after other words if there are any."""
    asked = await question(turn)
    await turn.say_text(joined(turn, first, asked.text), *asked.buttons)


def joined(turn: Turn, first: str, then: str) -> str:
    """Two texts in one message; lines stand apart from a sentence."""
    if not first:
        return then
    return f"{first}\n{then}" if "\n" in then else turn.text("customer.join", first=first, second=then)


async def question(turn: Turn) -> Question:
    """What the form under way asks now: a field, whether to send, or what to correct."""
    state, fields = turn.dialog.form, fields_of(turn)
    if state is None or not fields:
        raise LookupError("no form is under way")
    if state.stage == "summary":
        return _summary(turn, state, fields)
    if state.stage == "choosing":
        return _which(turn, state, fields)
    return await _field(turn, state, fields[state.at])


async def _field(turn: Turn, state: FormState, field: FormField) -> Question:
    offered = await offers(turn, field)
    buttons = [turn.plain_button(label, f"form_take:{state.at}:{token}") for label, token in offered]
    last = [turn.button("form_leave", "form_leave")]
    if not field.required:
        last.insert(0, turn.button("skip", "form_skip"))
    shown = _page(turn, buttons, state.page, MOST_BUTTONS - len(last))
    text = asked_in(field, turn.language, turn.desk.default_language)
    if len(shown) < len(buttons) or len(buttons) > MOST_BUTTONS - len(last):
        text = "\n".join([text, *(f"{number}. {label}" for number, (label, _) in enumerate(offered, 1))])
    return Question(text, (*shown, *last))


def _summary(turn: Turn, state: FormState, fields: Sequence[FormField]) -> Question:
    lines = [_line(turn, field, state) for field in fields if state.answers.get(field.slot)]
    key = "customer.form.summary" if lines else "customer.form.summary_empty"
    buttons = (("form_send", "form_send"), ("form_correct", "form_correct"), ("form_leave", "form_leave"))
    return Question(
        turn.text(key, lines="\n".join(lines)), tuple(turn.button(label, action) for label, action in buttons)
    )


def _line(turn: Turn, field: FormField, state: FormState) -> str:
    answer = state.answers[field.slot]
    words = shown_to(turn, field, answer) if answer else ""
    asked = asked_in(field, turn.language, turn.desk.default_language)
    return turn.text("customer.form.line", asked=asked, answer=shortened(words, SUMMARY_LENGTH))


def _which(turn: Turn, state: FormState, fields: Sequence[FormField]) -> Question:
    labels = [asked_in(field, turn.language, turn.desk.default_language) for field in fields]
    buttons = [
        turn.plain_button(shortened(label, LABEL_LENGTH), f"form_again:{place}") for place, label in enumerate(labels)
    ]
    leave = turn.button("form_leave", "form_leave")
    return Question(turn.text("customer.form.which"), (*_page(turn, buttons, state.page, MOST_BUTTONS - 1), leave))


def _page(turn: Turn, buttons: Sequence[Button], page: int, room: int) -> list[Button]:
    """As many as there is room for; where there are more, the last one leafs on."""
    if len(buttons) <= room:
        return list(buttons)
    at_once = max(room - 1, 1)
    start = page * at_once % (len(buttons) + -len(buttons) % at_once)
    return [*buttons[start : start + at_once], turn.button("form_more", "form_more")]
