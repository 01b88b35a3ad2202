"""Whether a person can be reached, and contacts that are no message."""

from __future__ import annotations

from typing import Any

from crm_store.ids import new_id
from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.desk import Desk
from support.inbound import Sender
from support.people import internal, meet


async def reachable(desk: Desk, unit: Unit, sender: Sender, *, reachable: bool) -> None:
    """The person blocked us or took us back; agents who wait for them are told."""
    person = await meet(unit, sender)
    await set_reachable(desk, unit, person, "active" if reachable else "blocked")


async def set_reachable(desk: Desk, unit: Unit, person: Person, state: str) -> None:
    """`state` is active, blocked or deactivated; telling it twice changes nothing."""
    if person.contact.state == state:
        return
    person.contact.state, person.contact.state_changed_at = state, unit.now
    unit.add(internal(unit, person, "unblocked" if state == "active" else "blocked", author="customer", state=state))
    if person.escalation:
        await desk.room.told(unit, person, "agent.unblocked" if state == "active" else "agent.blocked")


async def note_unknown(unit: Unit, sender: Sender, kind: str, details: dict[str, Any]) -> None:
    """A kind of contact that we have no use for yet (a reaction, a poll answer): recorded all the same."""
    person = await meet(unit, sender)
    unit.add(
        Touchpoint(
            id=new_id(),
            contact_point_id=person.contact.id,
            conversation_id=person.conversation.id if person.conversation else None,
            at=unit.now,
            channel=sender.channel,
            direction="in",
            author="customer",
            kind=f"other:{kind}",
            payload=details or None,
        )
    )
