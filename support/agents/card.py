"""The customer's card: what whoever answers must know, in one read and a few lines.

Agents read all of it; nothing of it is ever shown to a customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_store.card import CustomerCard, OpenTicket
from crm_store.models import Agent, Customer, Escalation, Touchpoint
from crm_store.person import Person
from crm_store.queries import card as cards
from crm_store.unit import Unit
from support.agents import card_facts, card_reasons, card_sections, card_upgrade, card_values
from support.agents import card_words as words
from support.agents.card_changes import as_in
from support.agents.card_facts import FactLine
from support.agents.card_reasons import NamedReason
from support.agents.card_sections import Section
from support.agents.voice import Voice
from support.desk import Desk

NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Card:
    """Who, since when, what they are worth, what is open and why a person is needed; lines in the desk's language.

    `reasons` are first those of the escalation under way, which are the `named`, then what orders and service say.
    `details` are by a ticket's number what a form asked and what the customer answered. `promises` are those to be
    kept, `facts` what counts and `proposals` what waits for an agent; `sections` is the rest, under its headings.
    """

    title: str
    lines: tuple[str, ...]
    reasons: tuple[str, ...]
    state: str
    tier: str = ""
    tickets: tuple[OpenTicket, ...] = field(default=())
    details: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    promises: tuple[FactLine, ...] = ()
    facts: tuple[FactLine, ...] = ()
    proposals: tuple[FactLine, ...] = ()
    sections: tuple[Section, ...] = ()
    named: tuple[NamedReason, ...] = ()


async def read_card(desk: Desk, unit: Unit, person: Person, now: datetime, *, to_keep: bool = False) -> Card:
    """The customer as this unit sees them, in the desk's words; a single statement, whatever there is to tell.

    `to_keep`: it will be written down among what is this customer's, so it says nothing of others and names no
    details that stand in encrypted columns.
    """
    known = as_in(unit, person, await cards.read(unit.session, person.customer.id))
    say, customer = Voice(desk, now), person.customer
    card = word_card(desk, known, now, beside=person.contact.id, escalation=person.escalation)
    language = person.conversation.language if person.conversation else known.language
    named = card_reasons.called_by(say, person.escalation, known)
    lines = [
        *([] if person.is_known or known.tickets else [say("card.unknown")]),
        *words.standing(say, known),
        *card_upgrade.upgrade(say, known),
        *card_reasons.service_line(say, card_reasons.risk_of(known, say)),
        *card_values.values(say, known),
        *words.channel(say, person),
        *words.who(say, known, language),
        *words.orders(say, known),
        *words.ticket_count(say, known),
        *words.last_words(say, _last_words(unit, person, known)),
    ]
    return replace(
        card,
        title=say("card.title", name=display_name(person)),
        lines=tuple(lines),
        reasons=(*(reason.text for reason in named), *card.reasons),
        named=named,
        state=words.state(say, person.escalation, await _holder(unit, person)),
        details=_details(say, known, None if to_keep else customer),
        sections=card_sections.of_themselves(card.sections) if to_keep else card.sections,
    )


def _details(say: Voice, known: CustomerCard, customer: Customer | None) -> dict[int, tuple[str, ...]]:
    return {ticket.number: told for ticket in known.tickets if (told := words.details(say, ticket, customer))}


def word_card(
    desk: Desk,
    known: CustomerCard,
    now: datetime,
    *,
    beside: int | None = None,
    escalation: Escalation | None = None,
) -> Card:
    """The card of a customer outside of any conversation; of the contact point `beside` no ledger is told. `escalation`
    is the one under way as a unit sees it, else it is known as committed.
    """
    say = Voice(desk, now)
    service = card_reasons.risk_of(known, say)
    lines = [
        *words.standing(say, known),
        *card_upgrade.upgrade(say, known),
        *card_reasons.service_line(say, service),
        *card_values.values(say, known),
        *words.who(say, known, known.language),
        *words.orders(say, known),
    ]
    return Card(
        title=say("card.title", name=known.display_name or f"#{known.id}"),
        lines=tuple(lines),
        reasons=card_reasons.why(say, card_reasons.weighed(known, service, desk.rules.policy, escalation)),
        state="",
        tier=say(f"tier.{known.standing.tier or words.NO_TIER}") if known.standing else "",
        tickets=known.tickets,
        promises=card_facts.promises(say, known),
        facts=card_facts.facts(say, known),
        proposals=card_facts.proposals(say, known),
        sections=card_sections.sections(say, known, beside=beside),
    )


def display_name(person: Person) -> str:
    """A name for agents' eyes: one line, never empty, never longer than a heading."""
    name = " ".join((person.customer.name or person.contact.display_name or "").split())
    return name[:NAME_LENGTH] or f"#{person.contact.id % 100_000}"


def _last_words(unit: Unit, person: Person, known: CustomerCard) -> str:
    """What the customer said last, in words of their own: a pressed button has none."""
    fresh = [row.text for row in heard_in(unit, person) if row.text]
    heard = (each.text for each in known.touchpoints if each.direction == "in" and each.kind != "press" and each.text)
    return words.shown_words(fresh[-1] if fresh else next(heard, None))


def heard_in(unit: Unit, person: Person) -> list[Touchpoint]:
    """What the customer said in this very unit, in order; presses say nothing."""
    rows = [
        row
        for row in unit.session.new
        if isinstance(row, Touchpoint)
        and row.contact_point_id == person.contact.id
        and row.direction == "in"
        and row.kind != "press"
    ]
    return sorted(rows, key=lambda row: row.id)


async def _holder(unit: Unit, person: Person) -> str | None:
    if person.escalation is None or person.escalation.agent_id is None:
        return None
    agent = await unit.session.get(Agent, person.escalation.agent_id)
    return agent.name if agent else None
