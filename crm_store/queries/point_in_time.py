"""What stood on an agent's page when something was said."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, CardSnapshot, ContactPoint, Customer, Touchpoint
from crm_store.queries.chat import SAID, Said
from crm_store.queries.desk import ledger


class Then(NamedTuple):
    """A touchpoint, the card that was kept with it (with an agent's words only), and the ledger up to it."""

    said: Said
    contact_point_id: int
    customer: str
    card: dict[str, Any] | None
    ledger: list[Said]


async def as_it_stood(session: AsyncSession, touchpoint_id: int, limit: int) -> Then | None:
    """The newest `limit` rows up to a touchpoint, itself included, oldest first; None if there is no such touchpoint.

    Rows of the same contact point, as on its page; what came in later is left out, even if it speaks of a time before.
    """
    query = (
        select(
            *SAID,
            Touchpoint.contact_point_id,
            func.coalesce(func.nullif(Customer.name, ""), ContactPoint.display_name, ""),
            CardSnapshot.card,
        )
        .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .outerjoin(Agent, Agent.id == Touchpoint.agent_id)
        .outerjoin(CardSnapshot, CardSnapshot.touchpoint_id == Touchpoint.id)
        .where(Touchpoint.id == touchpoint_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    said, (contact_point_id, customer, card) = Said(*row[: len(SAID)]), row[len(SAID) :]
    return Then(
        said, contact_point_id, customer, card, await ledger(session, contact_point_id, limit, upto=touchpoint_id)
    )
