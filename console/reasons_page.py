"""The reasons beside a customer's name, on their page: an agent says that one is wrong, or takes that back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from console.conversation_page import Shown, run_work
from console.ids import ContactId, EscalationId
from console.staff import STAFF_ONLY, AStaff
from console.web import Here
from crm_store.models import Agent
from crm_store.person import Person
from crm_store.unit import Unit
from support.desk import Desk
from support.judging import verdicts

router = APIRouter(prefix="/console/c/{contact_id}/reasons", dependencies=STAFF_ONLY)

SHOWN = 200
Code = Annotated[str, Path(pattern="^[a-z_]{1,40}$")]


class Verb(StrEnum):
    """What an agent can say of a reason."""

    WRONG = "wrong"
    RIGHT = "right"


_DEEDS: dict[Verb, Callable[[Desk, Unit, Agent, Person, int, str], Awaitable[None]]] = {
    Verb.WRONG: verdicts.mark_wrong,
    Verb.RIGHT: verdicts.take_back,
}


@router.post("/{escalation_id}/{code}/{verb}")
async def judge_reason(
    web: Here,
    staff: AStaff,
    contact_id: ContactId,
    escalation_id: EscalationId,
    code: Code,
    verb: Verb,
    shown: Shown = SHOWN,
) -> Response:
    """The escalation must be the one under way of this very customer."""

    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
        await _DEEDS[verb](desk, unit, agent, person, escalation_id, code)

    return await run_work(web, staff, contact_id, shown, work)
