"""What there was between a customer and us, as sections of their card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm_store.card import Contacted, CustomerCard
from support.agents.card_words import shown_words
from support.agents.voice import Voice
from support.words.shortening import shortened

MOST_TOUCHPOINTS = 10
TOUCHPOINT_LENGTH = 120
OWN_COLUMNS = ("phone", "email")
"""Channels whose addresses stand on the card already."""
PURPOSES = ("marketing", "memory")
OF_OTHERS = ("colleagues",)
"""Sections about other customers, whose words must not outlive them among this one's."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the card under its heading; `name` says which: that of a list of CustomerCard."""

    name: str
    heading: str
    lines: tuple[str, ...]


def sections(say: Voice, known: CustomerCard, beside: int | None = None) -> tuple[Section, ...]:
    """Only those with something in them. `beside` is a contact point whose ledger the reader has before them."""
    elsewhere = [each for each in known.touchpoints if each.contact_point_id != beside]
    found = {
        "colleagues": _colleagues(say, known),
        "orders": _order_lines(say, known),
        "touchpoints": [_touchpoint(say, each, known) for each in elsewhere[:MOST_TOUCHPOINTS]],
        "ratings": [say("card.rating", stars=each.stars, number=each.number) for each in known.ratings],
        "consents": _consents(say, known),
        "contacts": _contacts(say, known),
    }
    return tuple(Section(name, say(f"card.{name}.heading"), tuple(lines)) for name, lines in found.items() if lines)


def of_themselves(sections: Iterable[Section]) -> tuple[Section, ...]:
    """Without those about other customers."""
    return tuple(each for each in sections if each.name not in OF_OTHERS)


def _colleagues(say: Voice, known: CustomerCard) -> list[str]:
    return [
        say("card.colleague", number=each.number, subject=shown_words(each.subject), name=each.customer or "–")
        for each in known.colleagues
    ]


def _order_lines(say: Voice, known: CustomerCard) -> list[str]:
    return [
        " · ".join(filter(None, (o.number, say.date(o.date), say.money(o.amount, o.currency), shown_words(o.product))))
        for o in known.orders
    ]


def _touchpoint(say: Voice, each: Contacted, known: CustomerCard) -> str:
    who = {"customer": known.display_name or say("console.customer"), "agent": each.agent}.get(each.author)
    return say(
        "card.touchpoint",
        when=say.hour(each.at),
        channel=say.channel(each.channel),
        who=who or say("console.bot"),
        text=shortened(each.text or each.kind, TOUCHPOINT_LENGTH),
    )


def _consents(say: Voice, known: CustomerCard) -> list[str]:
    return [
        say(
            "card.consent.given" if each.given else "card.consent.withdrawn",
            purpose=say(f"card.purpose.{each.purpose}") if each.purpose in PURPOSES else each.purpose,
            date=say.day(each.at),
        )
        for each in known.consents
    ]


def _contacts(say: Voice, known: CustomerCard) -> list[str]:
    ways = [
        " · ".join(filter(None, (say.channel(way.channel), way.username and f"@{way.username}", way.name)))
        for way in known.contacts
        if way.channel not in OWN_COLUMNS
    ]
    return [*filter(None, (known.phone, known.email)), *ways]
