"""Words that may or may not have arrived: sent again only when an agent says so."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import OutboxRow, Touchpoint
from crm_store.person import Person
from crm_store.repositories import outbox
from crm_store.unit import Unit

REPEATABLE = ("uncertain", "failed")


async def resend(unit: Unit, person: Person, row_id: str) -> bool:
    """Queues an uncertain or failed call of this customer once more; False if there is none such (any more)."""
    row = await unit.session.get(OutboxRow, int(row_id)) if row_id.isdecimal() and len(row_id) < 20 else None
    if row is None or row.state not in REPEATABLE or row.touchpoint_id is None or outbox.is_forgotten(row.payload):
        return False
    touchpoint = await unit.session.get(Touchpoint, row.touchpoint_id)
    if touchpoint is None or touchpoint.contact_point_id != person.contact.id:
        return False
    row.state = "dropped"
    unit.add(again(unit, row))
    unit.touch("outbox", f"delivery:{row.touchpoint_id}")
    return True


async def resend_touchpoint(unit: Unit, person: Person, touchpoint_id: int) -> bool:
    """The same for all pieces of one message, as the console asks for it."""
    query = select(OutboxRow.id).where(OutboxRow.touchpoint_id == touchpoint_id, OutboxRow.state.in_(REPEATABLE))
    found = list(await unit.session.scalars(query.order_by(OutboxRow.id)))
    return any([await resend(unit, person, str(row_id)) for row_id in found])


def again(unit: Unit, row: OutboxRow, chat_id: int | None = None, **changes: Any) -> OutboxRow:
    """A fresh row for the same call, perhaps to another chat or with other fields; it is wanted for as long again."""
    chat_id = chat_id or row.chat_id
    return OutboxRow(
        id=new_id(),
        bot_id=row.bot_id,
        chat_id=chat_id,
        method=row.method,
        payload=row.payload | {"chat_id": chat_id} | changes,
        files=row.files,
        touchpoint_id=row.touchpoint_id,
        lane=row.lane,
        repeat=row.repeat,
        joinable=row.joinable,
        continuation=row.continuation,
        created_at=unit.now,
        expires_at=unit.now + (row.expires_at - row.created_at) if row.expires_at else None,
    )
