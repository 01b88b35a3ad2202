"""Who works in the console: a session, asked for at every request and again while a page is connected."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.origin import SAFE, same_origin
from console.web import Here, Web
from crm_store.models import Agent
from support.access import SESSION_LIFE, session_of

COOKIE = "session"
ROLES = ("agent", "admin")


class NotLoggedInError(Exception):
    """Nobody is logged in with this browser, or not any more."""


@dataclass(frozen=True, slots=True)
class Staff:
    """An agent at work: who, the secret of the cookie, and what every post of theirs must carry."""

    agent: Agent
    token: str
    csrf: str


async def _staff(request: Request, web: Here) -> Staff:
    """Raises NotLoggedInError, and 403 for a role that has no business here."""
    token = request.cookies.get(web.cookie_name(COOKIE), "")
    found = await web.desk.store.run(lambda unit: session_of(unit, token)) if token else None
    if found is None:
        raise NotLoggedInError
    agent, session = found
    if agent.role not in ROLES:
        raise HTTPException(403)
    return Staff(agent, token, session.csrf)


AStaff = Annotated[Staff, Depends(_staff)]


async def with_csrf_token(request: Request, staff: AStaff) -> None:
    """Raises 403 for a post that does not carry the session's own token, in a header or a field."""
    if request.method in SAFE:
        return
    given = request.headers.get("x-csrf-token") or (await request.form()).get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), staff.csrf.encode()):
        raise HTTPException(403)


STAFF_ONLY = [Depends(same_origin), Depends(with_csrf_token)]
"""Dependencies of every router behind the log-in."""


async def is_agent(request: Request, web: Web) -> bool:
    """Whether this browser is an agent's; for what customers may see too."""
    token = request.cookies.get(web.cookie_name(COOKIE), "")
    return bool(token) and await still_agent(web, token)


async def still_agent(web: Web, token: str) -> bool:
    """Asked again and again by open connections; it does not count as being there."""
    unit = web.desk.store.open_unit()
    try:
        found = await session_of(unit, token)
        return found is not None and found[0].role in ROLES
    finally:
        await unit.close()  # never written: a forgotten tab must not keep its session alive


def set_session(response: Response, web: Web, token: str) -> None:
    response.set_cookie(
        web.cookie_name(COOKIE),
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=web.secure,
    )


def drop_session(response: Response, web: Web) -> None:
    response.delete_cookie(web.cookie_name(COOKIE), httponly=True, samesite="lax", secure=web.secure)
