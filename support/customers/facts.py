"""Facts about customers: noted by an agent, or proposed from the chat and then confirmed or declined by one.

What only a rule proposed counts for nothing. A confirmed language is the one the customer is written to in, wherever
their own words do not decide it (support.people.converse).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from crm_store.ids import new_id
from crm_store.models import Agent, Fact, Touchpoint
from crm_store.person import Person
from crm_store.repositories import facts, referrals
from crm_store.unit import Unit
from support.audit import audit
from support.customers import consents
from support.customers.errors import (
    DecidedAlreadyError,
    FactTooLongError,
    NoDueDayError,
    UnknownFactError,
    UnknownFactKindError,
)
from support.customers.fact_values import language_named
from support.customers.proposing import Proposal, proposals
from support.desk import Desk
from support.errors import EmptyWordsError

TAUGHT = referrals.TAUGHT
KINDS = ("preference", "constraint", "quiet_hours", "channel", "language", "promise", *TAUGHT)
LONGEST_FACT = 500
"""Characters; a card is read at a glance."""


async def overhear(desk: Desk, unit: Unit, person: Person, said: Touchpoint, language: str) -> None:
    """Proposes what the words teach: a customer's of themselves, an agent's promises. Costs no statement otherwise."""
    local = unit.now.astimezone(desk.timezone)
    heard = proposals(said.text or "", language, local, by_agent=said.author == "agent")
    if heard and await _may_remember(unit, person):
        known = await facts.newest(unit, person.customer.id)
        for proposal in heard:
            if not any(_says_the_same(fact, proposal) for fact in known):
                _add(unit, person, proposal, said)
                await _show(desk, unit, person)


async def _may_remember(unit: Unit, person: Person) -> bool:
    """Unless the customer has said that nothing shall be remembered of them."""
    agreed = await consents.current(unit.session, person.customer.id)
    return agreed.get(consents.MEMORY) is not False


def _says_the_same(fact: Fact, proposal: Proposal) -> bool:
    """What is known, waits or was declined is not proposed again; what was withdrawn may be true again."""
    if fact.kind != proposal.kind or fact.state == "withdrawn" or fact.kept_at:
        return False
    return fact.text == proposal.text or (proposal.value is not None and fact.value == proposal.value)


def _add(unit: Unit, person: Person, proposal: Proposal, source: Touchpoint | None, **decided: Any) -> Fact:
    return unit.add(
        Fact(
            id=new_id(),
            customer_id=person.customer.id,
            kind=proposal.kind,
            text=proposal.text,
            value=proposal.value,
            rule=proposal.rule or None,
            source_id=source.id if source else None,
            at=unit.now,
            due_at=proposal.due_at,
            **({"state": "proposed"} | decided),
        )
    )


async def note(
    desk: Desk,
    unit: Unit,
    agent: Agent,
    person: Person,
    kind: str,
    text: str,
    *,
    due_at: datetime | None = None,
    source: Touchpoint | None = None,
) -> Fact:
    """Keeps what an agent knows; it counts at once. `source` is where it was heard or written.

    Raises UnknownFactKindError, EmptyWordsError, FactTooLongError, and NoDueDayError for a promise without a day.
    """
    text = " ".join(text.split())
    check(kind, text, due_at)
    value = _value(desk, person, kind, text, unit.now)
    noted = Proposal(kind, "", text, value, due_at if kind == "promise" else None)
    fact = _add(
        unit, person, noted, source, state="confirmed", agent_id=agent.id, decided_at=unit.now, decided_by_id=agent.id
    )
    await _decided(desk, unit, agent, person, fact, "noted")
    return fact


def check(kind: str, text: str, due_at: datetime | None) -> None:
    """Raises what `note` does for a fact that cannot be kept."""
    if kind not in KINDS:
        raise UnknownFactKindError(kind)
    if not text:
        raise EmptyWordsError
    if len(text) > LONGEST_FACT:
        raise FactTooLongError(len(text), LONGEST_FACT)
    if kind == "promise" and due_at is None:
        raise NoDueDayError


def _value(desk: Desk, person: Person, kind: str, text: str, now: datetime) -> dict[str, Any] | None:
    """The same for programs, where the words are as plain as a customer's would have to be."""
    language = _language_of(desk, person)
    if kind == "language":
        named = language_named(text, language)
        return {"language": named} if named else None
    return next((each.value for each in proposals(text, language, now) if each.kind == kind), None)


async def confirm(desk: Desk, unit: Unit, agent: Agent, person: Person, fact_id: int) -> None:
    """A proposed fact is true. Raises UnknownFactError and DecidedAlreadyError."""
    fact = await _fact(unit, person, fact_id, "proposed")
    fact.state, fact.decided_at, fact.decided_by_id = "confirmed", unit.now, agent.id
    await _decided(desk, unit, agent, person, fact, "confirmed")


async def decline(desk: Desk, unit: Unit, agent: Agent, person: Person, fact_id: int) -> None:
    """A proposed fact is none, and is not proposed again. Raises UnknownFactError and DecidedAlreadyError."""
    fact = await _fact(unit, person, fact_id, "proposed")
    fact.state, fact.decided_at, fact.decided_by_id = "declined", unit.now, agent.id
    await _decided(desk, unit, agent, person, fact, "declined")


async def withdraw(desk: Desk, unit: Unit, agent: Agent, person: Person, fact_id: int) -> None:
    """A confirmed fact no longer holds. Raises UnknownFactError and DecidedAlreadyError."""
    fact = await _fact(unit, person, fact_id, "confirmed")
    fact.state, fact.decided_at, fact.decided_by_id = "withdrawn", unit.now, agent.id
    if fact.kind == "language" and person.customer.language == (fact.value or {}).get("language"):
        person.customer.language = None
    await _decided(desk, unit, agent, person, fact, "withdrawn")


async def keep(desk: Desk, unit: Unit, agent: Agent, person: Person, fact_id: int) -> None:
    """A promise was kept. Raises UnknownFactError and DecidedAlreadyError."""
    fact = await _fact(unit, person, fact_id, "confirmed")
    if fact.kind != "promise" or fact.kept_at:
        raise DecidedAlreadyError(fact_id)
    fact.kept_at = unit.now
    await _decided(desk, unit, agent, person, fact, "kept")


async def _fact(unit: Unit, person: Person, fact_id: int, state: str) -> Fact:
    """A fact of this very customer, in the state that the deed needs."""
    fact = await facts.get(unit, fact_id)
    if fact is None or fact.customer_id != person.customer.id:
        raise UnknownFactError(fact_id)
    if fact.state != state:
        raise DecidedAlreadyError(fact_id)
    return fact


async def _decided(desk: Desk, unit: Unit, agent: Agent, person: Person, fact: Fact, what: str) -> None:
    if fact.kind == "language" and fact.state == "confirmed":
        _write_in(desk, person, (fact.value or {}).get("language"))
    if fact.kind in TAUGHT:
        unit.finish_with(partial(referrals.refresh_ideas, customer_id=person.customer.id))
    audit(unit, f"fact.{what}", "fact", fact.id, agent_id=agent.id)
    await _show(desk, unit, person)


def _write_in(desk: Desk, person: Person, language: str | None) -> None:
    """From now on, if we speak it."""
    if language in desk.texts.languages:
        person.customer.language = language
        if person.conversation and language:
            person.conversation.language = language


def _language_of(desk: Desk, person: Person) -> str:
    spoken = person.conversation.language if person.conversation else person.customer.language
    return spoken or desk.default_language


async def _show(desk: Desk, unit: Unit, person: Person) -> None:
    unit.touch(f"contact:{person.contact.id}")
    await desk.room.learned(unit, person)
