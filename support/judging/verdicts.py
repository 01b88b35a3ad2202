"""Agents say which reasons beside a name were wrong: once for each reason of an escalation, to be taken back while the
escalation lasts; and how often each reason was wrong. What is wrong counts no more (support.agents.placing).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.proportion import Interval, wilson
from crm_store.models import Agent, ReasonVerdict
from crm_store.person import Person
from crm_store.queries import reason_verdicts
from crm_store.unit import Unit
from support.audit import audit
from support.desk import Desk
from support.errors import DeskError

WINDOW = timedelta(days=90)


class ReasonGoneError(DeskError):
    """The customer's escalation under way has no such reason."""

    key = "agent.reason_gone"

    def __init__(self, escalation_id: int, code: str) -> None:
        super().__init__(f"escalation {escalation_id} is not under way for this customer with a reason {code!r}")


@dataclass(frozen=True, slots=True)
class WrongShare:
    """Of the `total` escalations with this reason, agents called it wrong in `wrong`; `share` is what that may mean."""

    code: str
    wrong: int
    total: int
    share: Interval


async def mark_wrong(desk: Desk, unit: Unit, agent: Agent, person: Person, escalation_id: int, code: str) -> None:
    """The reason is wrong. Saying it again changes nothing. Raises ReasonGoneError."""
    _check(person, escalation_id, code)
    if await unit.session.get(ReasonVerdict, (escalation_id, code)) is None:
        unit.add(ReasonVerdict(escalation_id=escalation_id, code=code, agent_id=agent.id, at=unit.now))
        await _told(desk, unit, agent, person, escalation_id, code, "reason.wrong")


async def take_back(desk: Desk, unit: Unit, agent: Agent, person: Person, escalation_id: int, code: str) -> None:
    """The reason stands after all. Raises ReasonGoneError."""
    _check(person, escalation_id, code)
    verdict = await unit.session.get(ReasonVerdict, (escalation_id, code))
    if verdict is not None:
        await unit.session.delete(verdict)
        await _told(desk, unit, agent, person, escalation_id, code, "reason.right")


def _check(person: Person, escalation_id: int, code: str) -> None:
    escalation = person.escalation
    if escalation is None or escalation.id != escalation_id or code not in {r["code"] for r in escalation.reasons}:
        raise ReasonGoneError(escalation_id, code)


async def _told(desk: Desk, unit: Unit, agent: Agent, person: Person, escalation_id: int, code: str, what: str) -> None:
    audit(unit, what, "escalation", escalation_id, agent_id=agent.id, data={"code": code})
    unit.touch("queue", f"contact:{person.contact.id}")
    await desk.room.learned(unit, person)


async def wrong_shares(session: AsyncSession, now: datetime, window: timedelta = WINDOW) -> list[WrongShare]:
    """Of the escalations opened within the window, the reason most often wrong first."""
    counted = await reason_verdicts.counted(session, now - window)
    shares = [WrongShare(code, wrong, total, wilson(wrong, total)) for code, total, wrong in counted]
    return sorted(shares, key=lambda each: (-each.share.low, -each.total, each.code))
