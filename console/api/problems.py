"""What a program is told when something cannot be done: RFC 9457, with fields by name and nothing internal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from console.web import Web
from crm_store.store import StoreUnavailableError
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.errors import DeskError
from support.idempotency import OtherBodyError
from support.imports.result import ImportFileError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
MOST_TOLD = 1_000


def problem(
    status: int,
    detail: str | None = None,
    problems: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`problems` name what is wrong with single fields: `field` and `problem`, and in lists of rows the `row`."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if detail:
        body["detail"] = detail
    if problems:
        body["problems"] = list(problems[:MOST_TOLD])
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def add_handlers(api: FastAPI) -> None:
    api.add_exception_handler(RequestValidationError, _not_understood)
    api.add_exception_handler(UnknownCustomerError, _not_found)
    api.add_exception_handler(ErasedCustomerError, _gone)
    api.add_exception_handler(DeskError, _cannot_be_done)
    api.add_exception_handler(ImportFileError, _bad_rows)
    api.add_exception_handler(OtherBodyError, _other_body)
    for refusal in (HTTPException, StoreUnavailableError, Exception):
        api.add_exception_handler(refusal, _refused)


def refusal_of(error: Exception) -> Response:
    """The answer to an error; of one that is not ours nothing is told."""
    if isinstance(error, HTTPException):
        own_words = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
        return problem(error.status_code, own_words, headers=error.headers)
    if isinstance(error, StoreUnavailableError):
        return problem(503, headers={"Retry-After": str(RETRY_SECONDS)})
    return problem(500)


async def _refused(_: Request, error: Exception) -> Response:
    return refusal_of(error)


async def _not_understood(_: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else ()
    if any(map(_is_no_json, errors)):
        return problem(400, "The body is not JSON")
    return problem(422, problems=[{**_place(found["loc"]), "problem": found["msg"]} for found in errors[:MOST_TOLD]])


def _is_no_json(found: Mapping[str, Any]) -> bool:
    """Or there is no body; a field that is missing has its name behind the body's."""
    return found["type"] == "json_invalid" or (found["type"], tuple(found["loc"])) == ("missing", ("body",))


def _place(loc: Sequence[str | int]) -> dict[str, Any]:
    """Where it is; the part of the request, which the name tells, is left out, and a list's row counts from 1."""
    match loc:
        case (_, "rows", int(index), *path):
            return {"row": index + 1, "field": _path(path)}
        case (_, *path):
            return {"field": _path(path) or str(loc[0])}
    return {"field": ""}


def _path(parts: Sequence[str | int]) -> str:
    """Names are the sender's own, so they may hold what cannot be sent back."""
    return ".".join(map(str, parts)).encode("utf-8", "replace").decode()


async def _bad_rows(_: Request, error: Exception) -> Response:
    found = error.problems if isinstance(error, ImportFileError) else ()
    rows = [{"row": one.line, "field": one.field, "problem": one.message} for one in found]
    return problem(422, "Rows are bad, so none was kept; ?keep_good=true keeps the others", rows)


async def _other_body(_: Request, error: Exception) -> Response:
    return problem(409, str(error))


async def _not_found(_: Request, __: Exception) -> Response:
    return problem(404, "There is no such customer")


async def _gone(_: Request, __: Exception) -> Response:
    return problem(410, "This customer was erased")


async def _cannot_be_done(request: Request, error: Exception) -> Response:
    web: Web = request.app.state.web
    detail = web.desk.texts.say("en", error.key, **error.params) if isinstance(error, DeskError) else None
    return problem(409, detail)
