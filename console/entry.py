"""The way into the console and out of it: one-time links, sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console.limits import ADDRESS
from console.origin import same_origin
from console.staff import COOKIE, STAFF_ONLY, AStaff, drop_session, set_session
from console.web import Here, Web
from crm_store.unit import Unit
from support.access import enter, leave, whose_link

LONGEST_TOKEN = 200


async def _not_too_fast(request: Request, web: Here) -> None:
    host = request.client.host if request.client else ""
    if not web.limiter.allows(f"enter:{host}", ADDRESS):
        raise HTTPException(429)


router = APIRouter(prefix="/console", dependencies=[Depends(same_origin), Depends(_not_too_fast)])
way_out = APIRouter(prefix="/console", dependencies=STAFF_ONLY)


@router.get("/login")
async def show_login(web: Here) -> Response:
    return web.pages.page("login.html", web.desk.default_language, expired=False)


@router.get("/enter")
async def show_enter(web: Here, token: str = "") -> Response:
    """One button: the link is used up by the post, because messengers fetch what they preview."""
    agent = await web.desk.store.run(lambda unit: whose_link(unit, token[:LONGEST_TOKEN]))
    if agent is None:
        return _expired(web)
    return web.pages.page("enter.html", web.desk.default_language, token=token, name=agent.name)


@router.post("/enter")
async def use_link(request: Request, web: Here, token: Annotated[str, Form()] = "") -> Response:
    """Opens a new session and ends the one this browser had."""
    former = request.cookies.get(web.cookie_name(COOKIE))

    async def change(unit: Unit) -> str | None:
        session = await enter(unit, token[:LONGEST_TOKEN])
        if session and former:
            await leave(unit, former)
        return session

    session = await web.desk.store.run(change)
    if session is None:
        return _expired(web)
    answer = RedirectResponse("/console", 303)
    set_session(answer, web, session)
    return answer


def _expired(web: Web) -> Response:
    return web.pages.page("login.html", web.desk.default_language, 410, expired=True)


@way_out.post("/logout")
async def log_out(web: Here, staff: AStaff) -> Response:
    await web.desk.store.run(lambda unit: leave(unit, staff.token))
    answer = RedirectResponse("/console/login", 303)
    drop_session(answer, web)
    return answer
