"""What waits for a human or is held by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select

from crm_store.models import Base, Escalation, Score
from crm_store.unit import Unit

Row = TypeVar("Row", bound=Base)


async def waiting(unit: Unit) -> list[Escalation]:
    """All that no agent holds, this unit's own among them."""
    query = select(Escalation).where(Escalation.ended_at.is_(None), Escalation.state == "waiting")
    stored = [e for e in await unit.session.scalars(query) if e.state == "waiting"]
    return stored + [row for row in _in_hand(unit, Escalation) if row.state == "waiting"]


def _in_hand(unit: Unit, table: type[Row]) -> list[Row]:
    """The rows that this unit has made and not yet written."""
    return [row for row in unit.session.new if isinstance(row, table)]


async def tiers_of_waiting(unit: Unit) -> dict[int, str | None]:
    """The tiers by customer of all that no agent holds, this unit's own among them."""
    query = (
        select(Score.customer_id, Score.tier)
        .join(Escalation, Escalation.customer_id == Score.customer_id)
        .where(Escalation.ended_at.is_(None), Escalation.state == "waiting")
    )
    tiers: dict[int, str | None] = dict((await unit.session.execute(query)).all())
    return tiers | {row.customer_id: row.tier for row in _in_hand(unit, Score)}


async def recent_waits(unit: Unit, count: int) -> Sequence[tuple[datetime, datetime]]:
    """(opened, claimed) of the newest claims."""
    query = (
        select(Escalation.opened_at, Escalation.claimed_at)
        .where(Escalation.claimed_at.is_not(None))
        .order_by(Escalation.claimed_at.desc())
        .limit(count)
    )
    return [(opened, claimed) for opened, claimed in (await unit.session.execute(query)).all() if claimed]


async def newest_of(unit: Unit, customer_id: int) -> Escalation | None:
    """A customer's last one, ended or not."""
    query = select(Escalation).where(Escalation.customer_id == customer_id).order_by(Escalation.id.desc()).limit(1)
    return (await unit.session.scalars(query)).one_or_none()
