"""Who may call: no request is even read without a key that is good, and every route names the scope it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Connection

from console.api.problems import refusal_of
from console.limits import Rate
from console.web import Here, Web
from crm_store.store import StoreUnavailableError
from support.api_keys import Caller, Scope, caller_of, note_read

OPENAPI = "/openapi.json"
KEY_RATE = Rate(burst=100, per_second=20)
ADDRESS_RATE = Rate(burst=300, per_second=60)
"""Before a key is looked up; several programs may stand behind one address."""


class NoKeyError(HTTPException):
    """The request shows no key, or one that opens nothing: unknown and revoked are told alike."""

    def __init__(self) -> None:
        super().__init__(401, "Show a key that is good: Authorization: Bearer td_…", {"WWW-Authenticate": "Bearer"})


class ScopeMissingError(HTTPException):
    """The key is good, but not for this."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(403, f"This key lacks the scope {scope}")


class TooFastError(HTTPException):
    """More requests than a key, or an address, may send."""

    def __init__(self) -> None:
        super().__init__(429, "Too many requests; slow down", {"Retry-After": "1"})


class NulError(HTTPException):
    """The address holds a NUL, which no database keeps: nothing can be called so."""

    def __init__(self) -> None:
        super().__init__(404)


class KeyHolders:
    """Lets nobody through to the API without a key, except to its description; pure ASGI, so before a body is read."""

    def __init__(self, app: ASGIApp, web: Web) -> None:
        self._app, self._web = app, web

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != scope["root_path"] + OPENAPI:
            try:
                scope.setdefault("state", {})["caller"] = await _caller(self._web, scope)
                _refuse_nul(scope)
            except (HTTPException, StoreUnavailableError) as error:
                await refusal_of(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _caller(web: Web, scope: Connection) -> Caller:
    host = scope["client"][0] if scope.get("client") else ""
    if not web.limiter.allows(f"api address {host}", ADDRESS_RATE):
        raise TooFastError
    scheme, _, secret = Headers(scope=scope).get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise NoKeyError
    caller = await caller_of(web.desk.store, secret.strip())
    if caller is None:
        raise NoKeyError
    if not web.limiter.allows(f"api key {caller.key_id}", KEY_RATE):
        raise TooFastError
    return caller


def _refuse_nul(scope: Connection) -> None:
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise NulError


def needs(scope: str) -> Callable[[Request, Here], Awaitable[Caller]]:
    """A dependency that gives the caller, for routes that need this scope: `Annotated[Caller, Depends(needs(…))]`.

    For scopes that show customers' data it also puts the read into the audit log: of the customer whom the path names
    as `external_id`, else of many. Raises ValueError for a scope that there is not.
    """
    wanted = Scope(scope)

    async def caller_with_scope(request: Request, web: Here) -> Caller:
        caller: Caller = request.state.caller
        if wanted not in caller.scopes:
            raise ScopeMissingError(wanted)
        if wanted.shows_customers:
            route, external_id = request.scope["route"].path_format, request.path_params.get("external_id")
            await web.desk.store.run(lambda unit: note_read(unit, caller, route, external_id))
        return caller

    return caller_with_scope
