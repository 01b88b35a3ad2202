"""What is known of a customer, on their page: an agent notes it, decides on what was heard, and keeps promises."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from console.chat import plain
from console.conversation_page import ClientKey, Shown, Words, run_work
from console.ids import ContactId, FactId
from console.staff import STAFF_ONLY, AStaff
from console.web import Here
from crm_store.models import Agent
from crm_store.person import Person
from crm_store.unit import Unit
from support.customers import facts
from support.customers.errors import NoDueDayError
from support.customers.noting import Written, keep_written
from support.desk import Desk
from support.words.due_words import due, end_of

router = APIRouter(prefix="/console/c/{contact_id}/facts", dependencies=STAFF_ONLY)

SHOWN = 200


class Verb(StrEnum):
    """What an agent can do with a fact."""

    CONFIRM = "confirm"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    KEEP = "keep"


_DEEDS: dict[Verb, Callable[[Desk, Unit, Agent, Person, int], Awaitable[None]]] = {
    Verb.CONFIRM: facts.confirm,
    Verb.DECLINE: facts.decline,
    Verb.WITHDRAW: facts.withdraw,
    Verb.KEEP: facts.keep,
}


@router.post("")
async def note_fact(
    web: Here,
    staff: AStaff,
    contact_id: ContactId,
    client_key: ClientKey,
    kind: Annotated[str, Form(max_length=40)],
    text: Words = "",
    due_on: Annotated[str, Form(alias="due", max_length=40)] = "",
    shown: Shown = SHOWN,
) -> Response:
    """A promise without a date in the form may name it in its words."""

    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
        words = " ".join(plain(text).split())
        due_at = _due(desk, words, due_on, unit.now) if kind == "promise" else None
        await keep_written(desk, unit, agent, person, Written(kind, words, due_at), client_key)

    return await run_work(web, staff, contact_id, shown, work)


def _due(desk: Desk, words: str, due_on: str, now: datetime) -> datetime | None:
    """Raises NoDueDayError for what is no date, or one that is over."""
    local = now.astimezone(desk.timezone)
    if not due_on:
        return due(words, desk.default_language, local)
    try:
        day = date.fromisoformat(due_on)
    except ValueError as error:
        raise NoDueDayError from error
    return end_of(day, local)


@router.post("/{fact_id}/{verb}")
async def decide(
    web: Here, staff: AStaff, contact_id: ContactId, fact_id: FactId, verb: Verb, shown: Shown = SHOWN
) -> Response:
    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
        await _DEEDS[verb](desk, unit, agent, person, fact_id)

    return await run_work(web, staff, contact_id, shown, work)
