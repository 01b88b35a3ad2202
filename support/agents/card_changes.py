"""A card within a unit of work: what the unit made or changed and has not written yet stands on it already."""

from __future__ import annotations

from dataclasses import fields, replace

from crm_store.card import CustomerCard, Learned, OpenTicket, Standing, WrongReason
from crm_store.models import Agent, Fact, ReasonVerdict, Score, Ticket
from crm_store.person import Person
from crm_store.queries.card_lists import SHOWN_FACTS
from crm_store.repositories import facts
from crm_store.repositories.tickets import UNFINISHED
from crm_store.service_facts import Matter
from crm_store.unit import Unit


def as_in(unit: Unit, person: Person, known: CustomerCard | None) -> CustomerCard:
    """The card with the unit's changes; `known` is what was read, None of somebody whom this very unit met."""
    known = known or _newcomer(person)
    return replace(
        known,
        language=person.customer.language,
        standing=known.standing or (_standing(person.score) if person.score else None),
        tickets=_tickets(known, unit),
        facts=_facts(known, unit),
        wrong_reasons=_wrong_reasons(known, unit),
        matters=tuple(_as_denied(matter, unit) for matter in known.matters),
    )


def _newcomer(person: Person) -> CustomerCard:
    customer = person.customer
    return CustomerCard(
        id=customer.id,
        external_id=customer.external_id,
        name=customer.name,
        phone=customer.phone,
        email=customer.email,
        language=customer.language,
        organisation_id=customer.organisation_id,
        organisation=None,
        source=customer.source,
        referrer=customer.referrer,
        created_at=customer.created_at,
        erased_at=customer.erased_at,
        standing=None,
    )


def _standing(score: Score) -> Standing:
    return Standing(**{field.name: getattr(score, field.name) for field in fields(Standing)})


def _tickets(known: CustomerCard, unit: Unit) -> tuple[OpenTicket, ...]:
    rows = [t for t in (*unit.session.new, *unit.session.dirty) if isinstance(t, Ticket) and t.customer_id == known.id]
    changed = {t.id: OpenTicket(t.id, t.number, t.subject, t.status, t.opened_at, t.due_at, t.details) for t in rows}
    tickets = {ticket.id: ticket for ticket in known.tickets} | changed
    return tuple(tickets[id_] for id_ in sorted(tickets) if tickets[id_].status in UNFINISHED)


def _wrong_reasons(known: CustomerCard, unit: Unit) -> tuple[WrongReason, ...]:
    said, taken_back = _verdicts(unit)
    return tuple(({*known.wrong_reasons} | said) - taken_back)


def _as_denied(matter: Matter, unit: Unit) -> Matter:
    if matter.escalation_id is None:
        return matter
    complaint = WrongReason(matter.escalation_id, "complaint")
    said, taken_back = _verdicts(unit)
    return replace(matter, is_denied=(matter.is_denied or complaint in said) and complaint not in taken_back)


def _verdicts(unit: Unit) -> tuple[set[WrongReason], set[WrongReason]]:
    """What was called wrong in this unit, and what is no longer."""
    said, taken_back = (
        {WrongReason(row.escalation_id, row.code) for row in rows if isinstance(row, ReasonVerdict)}
        for rows in (unit.session.new, unit.session.deleted)
    )
    return said, taken_back


def _facts(known: CustomerCard, unit: Unit) -> tuple[Learned, ...]:
    staff = {row.id: row.name for row in unit.session.sync_session.identity_map.values() if isinstance(row, Agent)}
    changed = [fact for fact in facts.changed(unit) if fact.customer_id == known.id]
    learned = {fact.id: fact for fact in known.facts}
    learned |= {fact.id: _learned(fact, staff.get(fact.agent_id or 0)) for fact in changed}
    return tuple(learned[id_] for id_ in sorted(learned) if learned[id_].state in SHOWN_FACTS)


def _learned(fact: Fact, agent: str | None) -> Learned:
    return Learned(
        id=fact.id,
        kind=fact.kind,
        text=fact.text,
        value=fact.value,
        rule=fact.rule,
        source_id=fact.source_id,
        agent=agent,
        state=fact.state,
        at=fact.at,
        due_at=fact.due_at,
        kept_at=fact.kept_at,
    )
