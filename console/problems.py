"""What a person sees when something cannot be done: words of ours, never the program's inside."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from console.headers import HEADERS, PAGES
from console.staff import NotLoggedInError
from console.visitors import page_language
from console.web import Web
from crm_store.store import StoreUnavailableError
from support.errors import DeskError

LOGIN = "/console/login"
RETRY_SECONDS = 2

_FOR_VISITORS = {413: "customer.file_too_big", 429: "customer.slow_down"}
_FOR_STAFF = {403: "console.denied", 404: "console.not_found"}


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(NotLoggedInError, _log_in_first)
    app.add_exception_handler(DeskError, _cannot_be_done)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(StoreUnavailableError, _unavailable)
    app.add_exception_handler(Exception, _failed)


async def _log_in_first(request: Request, _: Exception) -> Response:
    if request.method == "GET" and not _is_part(request) and not request.url.path.endswith("/events"):
        return RedirectResponse(LOGIN, 303)
    return Response(status_code=401, headers={"HX-Redirect": LOGIN})


async def _cannot_be_done(request: Request, error: Exception) -> Response:
    key, params = (error.key, error.params) if isinstance(error, DeskError) else ("console.failed", {})
    return _part(request, 409, key, **params)


async def _not_understood(request: Request, _: Exception) -> Response:
    return _worded(request, 400)


async def _refused(request: Request, error: Exception) -> Response:
    return _worded(request, error.status_code if isinstance(error, HTTPException) else 500)


async def _unavailable(request: Request, _: Exception) -> Response:
    answer = _worded(request, 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


async def _failed(request: Request, _: Exception) -> Response:
    """Answered outside the middleware, so it brings the headers itself; the error goes on to the log."""
    answer = _worded(request, 500)
    answer.headers.update({**HEADERS, "Cache-Control": PAGES})
    return answer


def _worded(request: Request, status: int) -> Response:
    if request.url.path.startswith("/chat"):
        return _for_visitor(request, status)
    if not request.url.path.startswith("/console"):
        return PlainTextResponse(HTTPStatus(status).phrase, status_code=status)
    key = _FOR_STAFF.get(status, "console.failed")
    if _is_part(request):
        return _part(request, status, key)
    web = _web(request)
    return web.pages.page("message.html", web.desk.default_language, status, key=key)


def _for_visitor(request: Request, status: int) -> Response:
    web = _web(request)
    language = page_language(request, web)
    if request.method == "GET":
        return web.pages.page("message.html", language, status, key="customer.chat.unavailable")
    text = web.desk.texts.say(language, _FOR_VISITORS.get(status, "customer.chat.unavailable"))
    return JSONResponse({"error": text}, status)


def _part(request: Request, status: int, key: str, **params: object) -> Response:
    """A sentence that the page shows beside what was typed."""
    web = _web(request)
    html = web.pages.text("problem.html", web.desk.default_language, key=key, params=params)
    return Response(html, status, media_type="text/html", headers={"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"})


def _is_part(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _web(request: Request) -> Web:
    web: Web = request.app.state.web
    return web
