"""Everything that the live part of a conversation page shows, read in a handful of statements."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException

from console.ledger_view import Day, days
from console.staff import Staff
from console.web import Web
from crm_store.person import Person
from crm_store.queries.desk import count_since, deliveries, ledger
from crm_store.repositories import people
from crm_store.unit import Unit
from support.agents.card import Card, read_card
from support.desk import Desk

MOST_SHOWN = 10_000
BEFORE = 30
FURTHER = 5
"""Each look further back shows so many times as much."""


@dataclass(frozen=True, slots=True)
class View:
    """`state` is the escalation's, None without one; `more` is how many rows to ask for to see further back."""

    contact_id: int
    card: Card
    days: list[Day]
    state: str | None
    is_mine: bool
    shown: int
    more: int | None


async def read_view(web: Web, staff: Staff, contact_id: int, shown: int) -> View:
    """The newest `shown` rows of a contact and all about them. Raises 404 where there is no such contact."""
    unit = web.desk.store.open_unit()
    try:
        return await _view(web.desk, unit, staff, contact_id, shown)
    finally:
        await unit.close()


async def person_of(unit: Unit, contact_id: int) -> Person:
    """Raises 404 where there is no such contact."""
    person = await people.by_contact(unit, contact_id)
    if person is None:
        raise HTTPException(404)
    return person


async def rows_back_to(web: Web, contact_id: int, touchpoint_id: int) -> int:
    """How many rows show a touchpoint with some of what came before it; as many as are ever shown, if it lies further
    back."""
    async with web.desk.store.read() as session:
        since = await count_since(session, contact_id, touchpoint_id, MOST_SHOWN)
    return min(since + BEFORE, MOST_SHOWN)


def render_view(web: Web, view: View) -> str:
    return web.pages.text("conversation_live.html", web.desk.default_language, view=view)


async def _view(desk: Desk, unit: Unit, staff: Staff, contact_id: int, shown: int) -> View:
    person = await person_of(unit, contact_id)
    rows = await ledger(unit.session, contact_id, shown)
    chat_id = person.contact.chat_id
    sent = [row.id for row in rows if row.direction == "out"]
    states = await deliveries(unit.session, chat_id, sent) if chat_id is not None else {}
    escalation = person.escalation
    return View(
        contact_id=contact_id,
        card=await read_card(desk, unit, person, unit.now),
        days=days(desk, rows, states, unit.now),
        state=escalation.state if escalation else None,
        is_mine=escalation is not None and escalation.agent_id == staff.agent.id,
        shown=shown,
        more=min(shown * FURTHER, MOST_SHOWN) if len(rows) == shown < MOST_SHOWN else None,
    )
