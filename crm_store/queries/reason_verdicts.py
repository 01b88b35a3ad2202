"""How often each reason brought somebody before a human, and how often an agent called it wrong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Escalation, ReasonVerdict


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
