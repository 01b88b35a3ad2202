"""Handing over to humans: into the queue, out of it again, and who holds whom."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from crm_store.ids import new_id
from crm_store.models import Agent, Escalation, Ticket
from crm_store.person import Person
from crm_store.repositories import agents, tickets
from crm_store.unit import Unit
from support import tickets as ticket_work
from support.audit import audit
from support.desk import Desk
from support.errors import NothingOpenError, TakenError
from support.judging.service import CODE as SERVICE
from support.judging.service import with_service
from support.ledger import record
from support.policy import Reason, Standing

log = structlog.get_logger()


def standing(person: Person, failures: int = 0) -> Standing:
    """What the policy may know of a person."""
    score, escalation = person.score, person.escalation
    return Standing(
        tier=score.tier if score else None,
        stage=score.stage if score else None,
        at_risk=bool(score and score.at_risk),
        risk=score.risk if score else None,
        queued=escalation is not None,
        claimed=person.is_held,
        failures=failures,
    )


async def escalate(
    desk: Desk,
    unit: Unit,
    person: Person,
    reasons: Iterable[Reason],
    *,
    subject: str,
    urgent: bool = False,
    ticket: Ticket | None = None,
) -> Escalation:
    """Puts a customer into the queue; one who is there already gains the new reasons."""
    if person.escalation:
        return await _add_reasons(desk, unit, person, person.escalation, reasons, urgent=urgent)
    ticket = ticket or await tickets.unfinished(unit, person.customer.id)
    ticket = ticket or await ticket_work.open_ticket(desk, unit, person, subject)
    score = person.score
    reasons = await with_service(desk, unit, person, reasons)
    escalation = unit.add(
        Escalation(
            id=new_id(),
            ticket_id=ticket.id,
            customer_id=person.customer.id,
            contact_point_id=person.contact.id,
            reasons=[reason.data(desk.rules.policy) for reason in reasons],
            value_percentile=score.percentile if score else 0.0,
            risk=(score.risk or 0.0) if score else 0.0,
            urgent=urgent,
            state="waiting",
            opened_at=unit.now,
        )
    )
    person.escalation = escalation
    codes = [reason["code"] for reason in escalation.reasons]
    tickets.record(unit, ticket, "escalated", "bot", reasons=codes)
    record(unit, person, "escalated", author="bot", payload={"reasons": escalation.reasons})
    unit.touch("queue")
    log.info("escalation.opened", customer=person.customer.id, ticket=ticket.number, reasons=codes)
    await desk.room.opened(unit, person, escalation, ticket)
    return escalation


async def _add_reasons(
    desk: Desk, unit: Unit, person: Person, escalation: Escalation, reasons: Iterable[Reason], *, urgent: bool
) -> Escalation:
    known = {reason["code"] for reason in escalation.reasons}
    if SERVICE not in known:
        reasons = await with_service(desk, unit, person, reasons)
    said = {"at": unit.now.isoformat()}  # later than the escalation itself
    fresh = [reason.data(desk.rules.policy) | said for reason in reasons if reason.code not in known]
    if fresh or (urgent and not escalation.urgent):
        escalation.reasons = [*escalation.reasons, *fresh]
        escalation.urgent = escalation.urgent or urgent
        unit.touch("queue")
        await desk.room.changed(unit, person, escalation)
    return escalation


async def claim(desk: Desk, unit: Unit, agent: Agent, person: Person) -> Escalation:
    """The agent takes the customer. Claiming what one holds changes nothing.

    Raises NothingOpenError, and TakenError if another agent was faster: the row's version decides, not this check.
    """
    escalation = person.escalation
    if escalation is None:
        raise NothingOpenError
    if person.is_held:
        await _must_hold(unit, escalation, agent)
        return escalation
    escalation.state, escalation.agent_id = "claimed", agent.id
    if escalation.claimed_at is None:
        escalation.claimed_at = unit.now
        desk.meters.taken_after(unit.now - escalation.opened_at)
    ticket_work.start(unit, await _ticket(unit, escalation), agent.id)
    await _handed(desk, unit, person, escalation, agent, "claimed")
    return escalation


async def take_up(desk: Desk, unit: Unit, agent: Agent, person: Person) -> Escalation:
    """Claims, or opens and claims: an agent may write first. Raises TakenError."""
    if person.escalation is None:
        await escalate(desk, unit, person, [Reason("agent")], subject=person.name or "—")
    return await claim(desk, unit, agent, person)


async def release(desk: Desk, unit: Unit, agent: Agent, person: Person) -> Escalation:
    """Back into the queue; the bot speaks again. Raises NothingOpenError and TakenError."""
    escalation = await _held(unit, agent, person)
    escalation.state, escalation.agent_id = "waiting", None
    await _handed(desk, unit, person, escalation, agent, "released")
    return escalation


async def resolve(desk: Desk, unit: Unit, agent: Agent, person: Person) -> Ticket:
    """Ends the escalation and its ticket; another request of theirs that is open takes its place in the queue.

    Raises NothingOpenError and TakenError.
    """
    escalation = await _held(unit, agent, person)
    ticket = await _ticket(unit, escalation)
    ticket_work.resolve(unit, ticket, agent.id)
    await end(desk, unit, person, "resolved", agent)
    other = await tickets.unfinished(unit, person.customer.id)
    if other and other.contact_point_id == person.contact.id:
        await escalate(desk, unit, person, [Reason("ticket_opened")], subject=other.subject, ticket=other)
    return ticket


async def end(desk: Desk, unit: Unit, person: Person, outcome: str, agent: Agent | None = None) -> None:
    """Takes a customer out of the queue: resolved by an agent, or no longer wanted by the customer."""
    escalation = person.escalation
    if escalation is None:
        return
    escalation.state, escalation.ended_at, escalation.outcome = "resolved", unit.now, outcome
    await _handed(desk, unit, person, escalation, agent, outcome)
    person.escalation = None


async def holder(unit: Unit, escalation: Escalation) -> Agent | None:
    return await agents.get(unit, escalation.agent_id) if escalation.agent_id else None


async def _held(unit: Unit, agent: Agent, person: Person) -> Escalation:
    escalation = person.escalation
    if escalation is None:
        raise NothingOpenError
    if person.is_held:
        await _must_hold(unit, escalation, agent)
    return escalation


async def _must_hold(unit: Unit, escalation: Escalation, agent: Agent) -> None:
    if escalation.agent_id != agent.id:
        other = await holder(unit, escalation)
        raise TakenError(other.name if other else "?")


async def _ticket(unit: Unit, escalation: Escalation) -> Ticket:
    ticket = await tickets.get(unit, escalation.ticket_id)
    if ticket is None:
        raise NothingOpenError
    return ticket


async def _handed(
    desk: Desk, unit: Unit, person: Person, escalation: Escalation, agent: Agent | None, what: str
) -> None:
    agent_id = agent.id if agent else None
    log.info(f"escalation.{what}", customer=person.customer.id, escalation=escalation.id, agent=agent_id)
    author = "agent" if agent else "customer"
    record(unit, person, what, author=author, agent_id=agent_id)
    audit(unit, f"escalation.{what}", "escalation", escalation.id, agent_id=agent_id)
    unit.touch("queue", f"contact:{person.contact.id}")
    await desk.room.changed(unit, person, escalation)
