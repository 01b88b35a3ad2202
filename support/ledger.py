"""Writing the ledger: every contact becomes one row, in the unit that it belongs to."""

from __future__ import annotations

from typing import Any

from crm_store.ids import new_id
from crm_store.models import Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit


def record(
    unit: Unit,
    person: Person,
    kind: str,
    text: str | None = None,
    *,
    direction: str = "internal",
    author: str = "system",
    agent_id: int | None = None,
    ticket_id: int | None = None,
    about_id: int | None = None,
    ref: int | None = None,
    client_key: str | None = None,
    payload: dict[str, Any] | None = None,
) -> Touchpoint:
    """Adds a touchpoint of this person, and wakes whoever watches them; see Touchpoint for the fields.

    The ticket is the escalated one unless another is named.
    """
    unit.touch(f"contact:{person.contact.id}")
    return unit.add(
        Touchpoint(
            id=new_id(),
            contact_point_id=person.contact.id,
            conversation_id=person.conversation.id if person.conversation else None,
            ticket_id=ticket_id or (person.escalation.ticket_id if person.escalation else None),
            agent_id=agent_id,
            at=unit.now,
            channel=person.contact.channel,
            direction=direction,
            author=author,
            kind=kind,
            text=text,
            payload=payload or None,
            channel_ref=ref,
            about_id=about_id,
            client_key=client_key,
        )
    )
