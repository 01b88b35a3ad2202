"""What a customer's own chat shows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, ContactPoint, Touchpoint

ID_SHIFT = 22
"""An id's bits below its milliseconds (crm_store.ids)."""


class Said(NamedTuple):
    """One row of the ledger with its agent's name."""

    id: int
    at: datetime
    direction: str
    author: str
    kind: str
    text: str | None
    payload: dict[str, Any] | None
    client_key: str | None
    about_id: int | None
    agent: str | None


SAID = (
    Touchpoint.id,
    Touchpoint.at,
    Touchpoint.direction,
    Touchpoint.author,
    Touchpoint.kind,
    Touchpoint.text,
    Touchpoint.payload,
    Touchpoint.client_key,
    Touchpoint.about_id,
    Agent.name,
)


async def contact_of(session: AsyncSession, channel: str, address: str) -> int | None:
    """The contact point of an address; None for somebody who has not written yet."""
    query = select(ContactPoint.id).where(ContactPoint.channel == channel, ContactPoint.address == address)
    found: int | None = await session.scalar(query)
    return found


async def said(session: AsyncSession, contact_id: int, *, after: int = 0, limit: int = 200) -> list[Said]:
    """The newest words between a customer and us, oldest first; nothing that is for colleagues only."""
    query = (
        select(*SAID)
        .outerjoin(Agent, Agent.id == Touchpoint.agent_id)
        .where(Touchpoint.contact_point_id == contact_id, Touchpoint.id > after, Touchpoint.direction != "internal")
        .order_by(Touchpoint.id.desc())
        .limit(limit)
    )
    return [Said(*row) for row in (await session.execute(query)).all()][::-1]


def earlier(touchpoint_id: int, seconds: float) -> int:
    """An id of so many seconds before: whoever reads on from there misses no row that was committed late."""
    return max(0, touchpoint_id - (int(seconds * 1000) << ID_SHIFT))
