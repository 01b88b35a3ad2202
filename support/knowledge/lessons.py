"""What becomes of the questions put to the FAQ, kept as it happens: presses, repetitions, agents' answers.

It only writes. What an admin reads of it is in support.knowledge.learning; no decision reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from rapidfuzz import fuzz

from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.repositories import faq_questions
from crm_store.unit import Unit
from faq.matcher import Decision, Match
from faq.normalise import MAX_CHARACTERS, normalise
from support.knowledge.proposable import proposable
from support.talk.dialog import Asked, Dialog
from support.talk.turn import Turn

REPEATED_WITHIN = timedelta(minutes=10)
ALIKE = 90.0
"""rapidfuzz's token_sort_ratio of two normal texts that ask the same; a typing error or two apart."""

Outcome = Literal["agent", "repeated", "none", "picked", "not_helped", "helped"]
STRENGTH: tuple[str | None, ...] = (None, "agent", "repeated", "none", "picked", "not_helped", "helped")
"""A later outcome replaces only a weaker one: what a customer says of an answer tells more than that they chose it."""


def note_question(
    turn: Turn, text: str, decision: Decision, matches: Sequence[Match], *, follows: bool = False
) -> None:
    """Keeps a question that was put to the FAQ; one of the message before may turn out to be repeated by it.

    Each question of a message is kept by a call of its own. `follows`: see Asked.
    """
    text = text[:MAX_CHARACTERS]
    if not follows:
        _note_repetition(turn, normalise(text))
    question_id = _keep(turn, text, decision, matches)
    new = Asked(id=question_id, touchpoint_id=turn.heard.id, at=turn.unit.now, text=text, follows=follows)
    new.entry_id = matches[0].entry_id if matches else None
    of_this_message = [asked for asked in turn.dialog.asked if asked.touchpoint_id == turn.heard.id]
    turn.dialog.asked = [*of_this_message, new]


def _note_repetition(turn: Turn, normal: str) -> None:
    for asked in turn.dialog.asked:
        is_recent = turn.unit.now - asked.at <= REPEATED_WITHIN
        if is_recent and asked.touchpoint_id != turn.heard.id and alike(normalise(asked.text), normal):
            _settle(turn, asked, "repeated")


def _keep(turn: Turn, text: str, decision: Decision, matches: Sequence[Match]) -> int:
    """The question's row; returns its id."""
    best = matches[0] if matches else None
    return faq_questions.add(
        turn.unit,
        contact_point_id=turn.person.contact.id,
        touchpoint_id=turn.heard.id,
        at=turn.unit.now,
        language=turn.language,
        text=text,
        normal=normalise(text),
        decision=decision.value,
        entry_id=best.entry_id if best else None,
        confidence=best.confidence if best else None,
    )


def alike(one: str, other: str) -> bool:
    """Whether two normal texts ask the same."""
    return one == other or fuzz.token_sort_ratio(one, other) >= ALIKE


async def picked(turn: Turn, entry_id: str) -> None:
    """A suggestion was chosen: the customer's words may be a wording that its entry lacks."""
    for asked in turn.dialog.asked[-1:]:
        if _settle(turn, asked, "picked", entry_id):
            await _propose(turn, asked, entry_id)


async def helped(turn: Turn) -> None:
    """The answer shown last helped; if it was the next best, the question meant that entry."""
    for asked in turn.dialog.asked:
        shown, known = _shown(turn.dialog, asked), asked.meant
        meant = shown if known or shown != asked.entry_id else None
        if shown and _settle(turn, asked, "helped", meant) and meant and meant != known:
            await _propose(turn, asked, meant)


def not_helped(turn: Turn) -> None:
    """The answer shown last did not help."""
    for asked in turn.dialog.asked:
        if _shown(turn.dialog, asked):
            _settle(turn, asked, "not_helped")


def none_of_these(turn: Turn) -> None:
    """No suggestion was meant."""
    for asked in turn.dialog.asked[-1:]:
        _settle(turn, asked, "none")


def _shown(dialog: Dialog, asked: Asked) -> str | None:
    """The entry that was told for a question; of several questions in one message each has its own or none."""
    if asked.entry_id in {dialog.answered, *dialog.also_answered}:
        return asked.entry_id
    return dialog.answered if len(dialog.asked) == 1 else None


async def agent_answered(unit: Unit, person: Person, said: Touchpoint) -> None:
    """An agent's words answer what the FAQ could not in this conversation; the first words are kept as the answer."""
    if person.conversation is None:
        return
    for question in await faq_questions.failed(unit, person.contact.id, person.conversation.started_at):
        question.outcome_touchpoint_id = said.id
        if question.outcome is None:
            question.outcome, question.outcome_at = "agent", unit.now


def _settle(turn: Turn, asked: Asked, outcome: Outcome, meant: str | None = None) -> bool:
    """Keeps what became of a question, unless as much or more is known; says whether it did."""
    if STRENGTH.index(outcome) <= STRENGTH.index(asked.outcome):
        return False
    asked.outcome, asked.meant = outcome, meant or asked.meant
    faq_questions.change(turn.unit, asked.id, outcome=outcome, outcome_at=turn.unit.now, outcome_entry_id=asked.meant)
    return True


async def _propose(turn: Turn, asked: Asked, entry_id: str) -> None:
    entry = turn.desk.faq.entries.get(entry_id)
    if entry and not asked.follows and (found := proposable(asked.text, entry)):
        await faq_questions.propose(turn.unit, entry_id, turn.language, *found)
