"""Whether a person can be reached, and contacts that are no message."""

from __future__ import annotations

from typing import Any

from crm_store.person import Person
from crm_store.unit import Unit
from support.desk import Desk
from support.ledger import record
from support.people import meet
from support.talk.inbound import Sender


async def reachable(desk: Desk, unit: Unit, sender: Sender, *, reachable: bool) -> None:
    """The person blocked us or took us back; agents who wait for them are told."""
    person = await meet(unit, sender)
    await set_reachable(desk, unit, person, "active" if reachable else "blocked")


async def set_reachable(desk: Desk, unit: Unit, person: Person, state: str) -> None:
    """`state` is active, blocked or deactivated; telling it twice changes nothing."""
    if person.contact.state == state:
        return
    person.contact.state, person.contact.state_changed_at = state, unit.now
    kind = "unblocked" if state == "active" else "blocked"
    record(unit, person, kind, author="customer", payload={"state": state})
    if person.escalation:
        await desk.room.told(unit, person, f"agent.{kind}")


async def note_unknown(unit: Unit, sender: Sender, kind: str, details: dict[str, Any]) -> None:
    """A kind of contact that we have no use for yet (a reaction, a poll answer): recorded all the same."""
    person = await meet(unit, sender)
    record(unit, person, f"other:{kind}", direction="in", author="customer", payload=details)
