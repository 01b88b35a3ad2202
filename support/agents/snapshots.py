"""The card as it stood when an agent's words were processed: kept with them, for whoever asks later what was known.

What she had before her eyes may differ: the card in a topic is renewed once a minute at most, leaves parts out and is
cut at the length of one message; the console's is as old as her page. What that says of other customers is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crm_store.models import CardSnapshot, Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.agents.card import Card, read_card
from support.desk import Desk

Section = tuple[str, list[str]]


async def seen_now(desk: Desk, unit: Unit, person: Person) -> dict[str, Any]:
    """The card as it stands at this moment; read it before the words change anything."""
    return snapshot_of(desk, await read_card(desk, unit, person, unit.now, to_keep=True))


def snapshot_of(desk: Desk, card: Card) -> dict[str, Any]:
    """The card as JSON, in the words of that day, which stay what they were whatever becomes of our texts:
    `title`, `tier`, `state`, and `sections` with their `heading` and `lines`.
    """
    sections = [*_sections(desk, card), *((section.heading, list(section.lines)) for section in card.sections)]
    return {
        "title": card.title,
        "tier": card.tier,
        "state": card.state,
        "sections": [{"heading": heading, "lines": lines} for heading, lines in sections if lines],
    }


def _sections(desk: Desk, card: Card) -> Iterator[Section]:
    yield _heading(desk, "console.reasons"), list(card.reasons)
    yield _heading(desk, "console.customer"), list(card.lines)
    yield _heading(desk, "console.tickets"), list(_tickets(card))
    for name, facts in (("promises", card.promises), ("facts", card.facts), ("proposals", card.proposals)):
        yield _heading(desk, f"card.{name}.heading"), [f"{fact.text} · {fact.note}".rstrip(" ·") for fact in facts]


def _tickets(card: Card) -> Iterator[str]:
    for ticket in card.tickets:
        yield f"#{ticket.number} · {ticket.subject}"
        yield from card.details.get(ticket.number, ())


def _heading(desk: Desk, key: str) -> str:
    return desk.texts.say(desk.default_language, key)


def keep(unit: Unit, person: Person, words: Touchpoint, seen: dict[str, Any]) -> None:
    """Writes it down in the unit that the agent's words belong to."""
    unit.add(CardSnapshot(touchpoint_id=words.id, customer_id=person.customer.id, at=unit.now, card=seen))
