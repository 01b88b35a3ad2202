"""Whose referral link a visitor came by: remembered in a cookie until their first words say who they are."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from console.web import Web
from support.judging.referrals import is_code

COOKIE = "ref"
COOKIE_SECONDS = 30 * 24 * 3600


def come_by_referral(request: Request, web: Web, code: str) -> Response:
    """Swaps the link's code for a cookie, so that it leaves the address bar and is not passed on by mistake."""
    language = request.query_params.get("lang")
    answer = RedirectResponse(f"/chat?lang={quote(language)}" if language else "/chat", 303)
    if is_code(code):
        answer.set_cookie(
            web.cookie_name(COOKIE),
            code,
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=web.secure,
        )
    return answer


def brought_by(request: Request, web: Web) -> str:
    """The code of the link they came by, or nothing; other start words do not work on the web."""
    code = request.cookies.get(web.cookie_name(COOKIE), "")
    return code if is_code(code) else ""


def forget_referral(response: Response, web: Web) -> None:
    """Once their first words have arrived."""
    response.delete_cookie(web.cookie_name(COOKIE), httponly=True, samesite="lax", secure=web.secure)
