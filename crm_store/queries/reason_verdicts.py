"""Which reasons agents called wrong, and how often each that brought somebody before a human was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Escalation, ReasonVerdict

WrongCodes = Mapping[int, set[str]]
"""By escalation; one whose reasons nobody called wrong is left out."""


async def wrong_of_open(session: AsyncSession) -> WrongCodes:
    """Of all escalations that have not ended, as committed."""
    query = select(ReasonVerdict.escalation_id, ReasonVerdict.code).join(
        Escalation, Escalation.id == ReasonVerdict.escalation_id
    )
    found: dict[int, set[str]] = {}
    for escalation_id, code in (await session.execute(query.where(Escalation.ended_at.is_(None)))).all():
        found.setdefault(escalation_id, set()).add(code)
    return found


async def wrong_of(session: AsyncSession, escalation_id: int) -> set[str]:
    """Of one escalation, as committed."""
    return set(await session.scalars(select(ReasonVerdict.code).where(ReasonVerdict.escalation_id == escalation_id)))


async def counted(session: AsyncSession, since: datetime) -> list[tuple[str, int, int]]:
    """(code, escalations, wrong ones) of those opened since then; one statement over their reasons."""
    if session.get_bind().dialect.name == "sqlite":
        reason = func.json_each(Escalation.reasons).table_valued("value", name="reason")
        code = func.json_extract(reason.c.value, "$.code", type_=String)
    else:
        reason = func.jsonb_array_elements(Escalation.reasons).table_valued("value", name="reason")
        code = func.jsonb_extract_path_text(reason.c.value, "code", type_=String)
    query = (
        select(code.label("code"), func.count(), func.count(ReasonVerdict.code))
        .select_from(Escalation)
        .join(reason, reason.c.value.is_not(None))
        .outerjoin(ReasonVerdict, and_(ReasonVerdict.escalation_id == Escalation.id, ReasonVerdict.code == code))
        .where(Escalation.opened_at >= since)
        .group_by(code)
    )
    return [(code, total, wrong) for code, total, wrong in (await session.execute(query)).all()]
