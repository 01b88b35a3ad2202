"""Links that tell the chat who comes through them; a link works once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from crm_store.models import ContactLink, ContactPoint, Touchpoint
from crm_store.unit import Unit


async def good(unit: Unit, token_hash: str) -> ContactLink | None:
    """The link of this hash, while nobody has used it and it has not expired."""
    link = await unit.session.get(ContactLink, token_hash)
    is_good = link and link.used_at is None and link.expires_at > unit.now
    return link if is_good and ("link_used", token_hash) not in unit.memory else None


def use_up(unit: Unit, link: ContactLink, contact_point_id: int) -> None:
    """Marks it with the unit; of two who come at once, the later's unit runs again and finds it used."""
    unit.memory["link_used", link.token_hash] = True
    now = unit.now

    async def mark(session: AsyncSession) -> None:
        query = (
            update(ContactLink)
            .where(ContactLink.token_hash == link.token_hash, ContactLink.used_at.is_(None))
            .values(used_at=now, used_by_id=contact_point_id)
            .returning(ContactLink.token_hash)
            .execution_options(synchronize_session=False)
        )
        if (await session.scalars(query)).one_or_none() is None:
            raise StaleDataError("the link was used meanwhile")

    unit.finish_with(mark)


async def take_back(session: AsyncSession, customer_id: int, since: datetime) -> None:
    """A customer's links from then on that nobody has used."""
    unused = delete(ContactLink).where(ContactLink.customer_id == customer_id, ContactLink.used_at.is_(None))
    await session.execute(unused.where(ContactLink.created_at >= since))


async def count_events(session: AsyncSession, contact_point_id: int, kind: str, since: datetime) -> int:
    """How many touchpoints of a kind a contact point has since then."""
    query = select(func.count(Touchpoint.id)).where(
        Touchpoint.contact_point_id == contact_point_id, Touchpoint.kind == kind, Touchpoint.at > since
    )
    return await session.scalar(query) or 0


async def is_reached_by(session: AsyncSession, customer_id: int, channel: str) -> bool:
    """Whether the customer has a contact point on this channel already."""
    query = select(ContactPoint.id).where(ContactPoint.customer_id == customer_id, ContactPoint.channel == channel)
    return await session.scalar(query.limit(1)) is not None
