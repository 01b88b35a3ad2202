"""What may speak against offering or asking a customer something now, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Consent, ContactPoint, Conversation, Customer, Escalation
from crm_store.repositories.merges import same_customer

LONGEST_CONVERSATION = timedelta(days=7)
"""One that began so long before the days asked for may still have been going on in them."""


@dataclass(frozen=True, slots=True)
class Past:
    """What the store remembers of a customer: when something was last offered (or asked), on any of their channels,
    whether they took back their consent, and what colleagues have or are going to have: the reasons' codes of each
    escalation that is waiting, and whether another one is in somebody's hands.
    """

    told_at: datetime | None = None
    withdrew: bool = False
    waiting: tuple[frozenset[str], ...] = ()
    is_held: bool = False


async def past_of(session: AsyncSession, customer_id: int, part: str, purpose: str, since: datetime) -> Past:
    """`part` is offer or ask, `since` how far back a line of it counts, `purpose` that of the consent.

    What was said is read from the conversations' own memory (Dialog.told), of which a customer has two a day at the
    most, instead of from every touchpoint.
    """
    told = (
        select(Conversation.dialog["told"][part].as_string())
        .join(ContactPoint, ContactPoint.id == Conversation.contact_point_id)
        .where(
            ContactPoint.customer_id == customer_id,
            Conversation.started_at >= since - LONGEST_CONVERSATION,
            Conversation.dialog["told"][part].as_string().is_not(None),
        )
        .order_by(Conversation.started_at.desc())
        .limit(1)
    )
    given = (
        select(Consent.given)
        .where(Consent.customer_id.in_(same_customer(customer_id)), Consent.purpose == purpose)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    is_open = and_(Escalation.customer_id == Customer.id, Escalation.ended_at.is_(None))
    query = (
        select(told.scalar_subquery(), given.scalar_subquery(), Escalation.state, Escalation.reasons)
        .select_from(Customer)
        .outerjoin(Escalation, is_open)
        .where(Customer.id == customer_id)
    )
    rows = (await session.execute(query)).all()
    if not rows:  # whom this very unit met
        return Past()
    told_at, agreed, *_ = rows[0]
    return Past(
        told_at=datetime.fromisoformat(told_at) if told_at else None,
        withdrew=agreed is False,
        waiting=tuple(
            frozenset(reason["code"] for reason in reasons) for *_, state, reasons in rows if state == "waiting"
        ),
        is_held=any(state == "claimed" for *_, state, _ in rows),
    )
