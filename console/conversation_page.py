"""One customer: the card, the whole ledger, and what an agent can do with them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, Response

from console.chat import plain
from console.conversation_view import MOST_SHOWN, person_of, read_view, render_view, rows_back_to
from console.ids import LARGEST_ID, ContactId, TouchpointId
from console.live import live, mark, mark_of
from console.staff import STAFF_ONLY, AStaff, Staff
from console.streams import event_stream
from console.web import Here, Web
from crm_store.models import Agent
from crm_store.person import Person
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.agents.redelivery import resend_touchpoint
from support.customers.facts import KINDS
from support.desk import Desk

router = APIRouter(prefix="/console/c/{contact_id}", dependencies=STAFF_ONLY)

SHOWN = 200
Shown = Annotated[int, Query(ge=1, le=MOST_SHOWN)]
AtTouchpoint = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]
ClientKey = Annotated[str, Form(pattern="^[A-Za-z0-9-]{8,64}$")]
Words = Annotated[str, Form()]


class Work(Protocol):
    """A use case of support.agents.work on one customer."""

    def __call__(self, desk: Desk, unit: Unit, agent: Agent, person: Person) -> Awaitable[object]: ...


@router.get("")
async def show_conversation(
    web: Here, staff: AStaff, contact_id: ContactId, shown: Shown = SHOWN, at: AtTouchpoint = None
) -> Response:
    """With `at`, far enough back to show that touchpoint and what came before it."""
    if at is not None:
        shown = max(shown, await rows_back_to(web, contact_id, at))
    view = await read_view(web, staff, contact_id, shown)
    part = render_view(web, view)
    return web.pages.page(
        "conversation.html", web.desk.default_language, staff=staff, view=view, part=part, kinds=KINDS, seen=mark(part)
    )


@router.get("/events")
async def follow_conversation(
    request: Request, web: Here, staff: AStaff, contact_id: ContactId, shown: Shown = SHOWN
) -> Response:
    await read_view(web, staff, contact_id, 1)  # an unknown contact is told before the stream begins

    async def render() -> str:
        return render_view(web, await read_view(web, staff, contact_id, shown))

    return event_stream(live(web, staff, (f"contact:{contact_id}", "queue"), mark_of(request), render))


@router.post("/claim")
async def claim(web: Here, staff: AStaff, contact_id: ContactId, shown: Shown = SHOWN) -> Response:
    return await run_work(web, staff, contact_id, shown, agent_work.claim)


@router.post("/release")
async def release(web: Here, staff: AStaff, contact_id: ContactId, shown: Shown = SHOWN) -> Response:
    return await run_work(web, staff, contact_id, shown, agent_work.release)


@router.post("/resolve")
async def resolve(web: Here, staff: AStaff, contact_id: ContactId, shown: Shown = SHOWN) -> Response:
    return await run_work(web, staff, contact_id, shown, agent_work.resolve)


@router.post("/reply")
async def reply(
    web: Here, staff: AStaff, contact_id: ContactId, client_key: ClientKey, text: Words = "", shown: Shown = SHOWN
) -> Response:
    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> object:
        return await agent_work.answer(desk, unit, agent, person, plain(text), client_key=client_key)

    return await run_work(web, staff, contact_id, shown, work)


@router.post("/note")
async def note(
    web: Here, staff: AStaff, contact_id: ContactId, client_key: ClientKey, text: Words = "", shown: Shown = SHOWN
) -> Response:
    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> object:
        return await agent_work.note(desk, unit, agent, person, plain(text), client_key=client_key)

    return await run_work(web, staff, contact_id, shown, work)


@router.post("/resend")
async def send_again(
    web: Here, staff: AStaff, contact_id: ContactId, touchpoint_id: TouchpointId, shown: Shown = SHOWN
) -> Response:
    """Sends a message once more that may not have arrived, or did not; one that is under way stays as it is."""

    async def work(desk: Desk, unit: Unit, agent: Agent, person: Person) -> object:
        return await resend_touchpoint(unit, person, touchpoint_id)

    return await run_work(web, staff, contact_id, shown, work)


async def run_work(web: Web, staff: Staff, contact_id: int, shown: int, work: Work) -> Response:
    """Runs a use case in one unit; answers with the page's live part as it is now."""

    async def run(unit: Unit) -> None:
        await work(web.desk, unit, staff.agent, await person_of(unit, contact_id))

    await web.desk.store.run(run)
    return HTMLResponse(render_view(web, await read_view(web, staff, contact_id, shown)))
