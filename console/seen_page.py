"""What was known when an agent wrote: the card that was kept with her words, and the conversation up to them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.ids import ContactId, PathTouchpointId
from console.ledger_view import days
from console.staff import STAFF_ONLY, AStaff
from console.web import Here
from crm_store.queries.point_in_time import as_it_stood
from support.desk import Desk
from support.words.times import day

router = APIRouter(prefix="/console/c/{contact_id}/seen", dependencies=STAFF_ONLY)

SHOWN = 50


@router.get("/{touchpoint_id}")
async def show_seen(web: Here, staff: AStaff, contact_id: ContactId, touchpoint_id: PathTouchpointId) -> Response:
    async with web.desk.store.read() as session:
        then = await as_it_stood(session, touchpoint_id, SHOWN)
    if then is None or then.contact_point_id != contact_id:
        raise HTTPException(404)
    return web.pages.page(
        "seen.html",
        web.desk.default_language,
        staff=staff,
        then=then,
        when=minute(web.desk, then.said.at),
        days=days(web.desk, then.ledger, {}, web.desk.store.clock()),
    )


def minute(desk: Desk, at: datetime) -> str:
    """A past moment, as in "20 November 09:30"."""
    date = day(at, desk.default_language, desk.timezone, desk.store.clock())
    return f"{date} {at.astimezone(desk.timezone):%H:%M}"
