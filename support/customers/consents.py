"""What customers agreed to, and when they took it back: a history that only grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Consent
from crm_store.repositories.merges import same_customer
from crm_store.unit import Unit

Source = Literal["chat", "import", "api", "agent"]

MARKETING, MEMORY = "marketing", "memory"
"""Purposes of the service itself; a shop may name others."""

MOST_SHOWN = 100


def note(
    unit: Unit,
    customer_id: int,
    purpose: str,
    source: Source,
    *,
    given: bool,
    touchpoint_id: int | None = None,
    agent_id: int | None = None,
) -> Consent:
    """The customer agrees, or takes it back, or never agreed and says so; `touchpoint_id` is where they said it,
    `agent_id` who noted it.
    """
    return unit.add(
        Consent(
            id=new_id(),
            customer_id=customer_id,
            purpose=purpose,
            given=given,
            at=unit.now,
            source=source,
            touchpoint_id=touchpoint_id,
            agent_id=agent_id,
        )
    )


async def current(session: AsyncSession, customer_id: int) -> dict[str, bool]:
    """What holds now, by purpose; a purpose that was never spoken of is missing, and nothing was agreed to.

    Of a customer made of several records the newest word counts, whichever record it was said to.
    """
    query = select(Consent.purpose, Consent.given).where(Consent.customer_id.in_(same_customer(customer_id)))
    return dict((await session.execute(query.order_by(Consent.at, Consent.id))).all())


async def history(session: AsyncSession, customer_id: int, limit: int = MOST_SHOWN) -> Sequence[Consent]:
    """The newest first."""
    query = select(Consent).where(Consent.customer_id.in_(same_customer(customer_id)))
    return (await session.scalars(query.order_by(Consent.at.desc(), Consent.id.desc()).limit(limit))).all()
