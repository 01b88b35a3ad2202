"""The customer's card as a message in their topic: one message, whatever there is to tell, and its buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from crm_store.person import Person
from handlers.rendering import LONGEST_TEXT
from support.agents.card import Card
from support.agents.card_facts import FactLine
from support.desk import Desk

MOST_DETAILED = 3
"""Requests whose details the card in a topic holds; the console shows all."""

MOST_DECIDED = 3
"""Proposed facts with buttons of their own; the next ones come up when these are decided."""

BUTTONS_IN_A_ROW = 3

IN_TOPIC = ("orders", "ratings", "consents")
"""Sections that agents in a topic have not before their eyes already; what is of others only the console shows."""


def card_text(desk: Desk, card: Card) -> str:
    """Plain text: a stranger's name is never markup. What has no room in one message is left out."""
    text = ""
    for block in _blocks(desk, card):
        for place, line in enumerate(block):
            gap = ("\n" if place else "\n\n") if text else ""
            if _length(text + gap + line) > LONGEST_TEXT:
                break
            text += gap + line
    return text


def _length(text: str) -> int:
    """In UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def _blocks(desk: Desk, card: Card) -> Iterable[Sequence[str]]:
    """The parts of a card, the most important first."""
    yield card.title, card.state
    yield card.lines
    yield from _details(desk, card)
    named = len(card.named)
    reasons = [f"{n}. {reason.text}" for n, reason in enumerate(card.named, 1)]
    yield _block(_say(desk, "card.reasons"), [*reasons, *(f"• {reason}" for reason in card.reasons[named:])])
    yield _block(_say(desk, "card.promises.heading"), _facts(card.promises))
    yield _block(_say(desk, "card.facts.heading"), _facts(card.facts))
    proposals = [f"{n}. {line}" for n, line in enumerate(_facts(card.proposals[:MOST_DECIDED], mark=""), 1)]
    yield _block(_say(desk, "card.proposals.heading"), proposals)
    for section in card.sections:
        if section.name in IN_TOPIC:
            yield _block(section.heading, [f"• {line}" for line in section.lines])


def _block(heading: str, lines: Sequence[str]) -> Sequence[str]:
    return [heading, *lines] if lines else []


def _facts(facts: Iterable[FactLine], mark: str = "• ") -> list[str]:
    return [f"{mark}{fact.text} ({fact.note})" for fact in facts]


def _details(desk: Desk, card: Card) -> Iterable[Sequence[str]]:
    """What forms asked, under each request's number; of the newest requests."""
    for ticket in card.tickets[-MOST_DETAILED:]:
        if told := card.details.get(ticket.number):
            about = {"number": ticket.number, "subject": ticket.subject}
            yield _block(_say(desk, "card.details", **about), told)


def card_buttons(desk: Desk, person: Person, card: Card) -> InlineKeyboardMarkup | None:
    """What can be done now; nothing is open: nothing to press."""
    rows = [*_matter(desk, person), *_decisions(desk, card), *_verdicts(desk, card)]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _matter(desk: Desk, person: Person) -> Iterable[list[InlineKeyboardButton]]:
    escalation = person.escalation
    if escalation and escalation.state != "resolved":
        verbs = ("claim", "resolve") if escalation.state == "waiting" else ("release", "resolve")
        yield [InlineKeyboardButton(text=_say(desk, f"button.{verb}"), callback_data=f"a:{verb}") for verb in verbs]


def _decisions(desk: Desk, card: Card) -> Iterable[list[InlineKeyboardButton]]:
    """A row for each proposed fact, by the number it has on the card."""
    for number, fact in enumerate(card.proposals[:MOST_DECIDED], 1):
        yield [
            InlineKeyboardButton(
                text=_say(desk, f"button.fact_{verb}", number=number), callback_data=f"a:{verb}:{fact.id}"
            )
            for verb in ("confirm", "decline")
        ]


def _verdicts(desk: Desk, card: Card) -> Iterable[list[InlineKeyboardButton]]:
    """To call a reason wrong, or to take that back, by the number it has on the card."""
    buttons = [
        InlineKeyboardButton(
            text=_say(desk, "button.reason_right" if reason.is_wrong else "button.reason_wrong", number=number),
            callback_data=f"a:{'right' if reason.is_wrong else 'wrong'}:{reason.escalation_id}:{reason.code}",
        )
        for number, reason in enumerate(card.named, 1)
    ]
    for first in range(0, len(buttons), BUTTONS_IN_A_ROW):
        yield buttons[first : first + BUTTONS_IN_A_ROW]


def _say(desk: Desk, key: str, **params: object) -> str:
    return desk.texts.say(desk.default_language, key, **params)
