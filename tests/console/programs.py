"""Other programs at the shop's API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
from fastapi import FastAPI
from starlette.routing import Mount

from console.api.app import PATH
from support.api_keys import Scope, add_key
from support.desk import Desk
from tests.console.shop import ORIGIN


async def new_key(desk: Desk, *scopes: str, name: str = "till") -> str:
    """Without scopes: with all of them."""
    wanted = [Scope(scope) for scope in scopes] or list(Scope)
    return await desk.store.run(lambda unit: add_key(unit, name, wanted))


def api(app: FastAPI) -> FastAPI:
    """The API itself, behind the pages' application."""
    return next(r.app for r in app.routes if isinstance(r, Mount) and r.path == PATH and isinstance(r.app, FastAPI))


def program(app: FastAPI, key: str | None = None) -> httpx.AsyncClient:
    """Speaks to the API; with `key`, as its bearer."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}{PATH}/", headers=headers)


async def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every method and path of the API's own description, with 1 for whatever the path names."""
    async with program(app) as stranger:
        described = (await stranger.get("openapi.json")).json()
    return list(_named(described["paths"]))


def _named(paths: dict[str, dict[str, object]]) -> Iterator[tuple[str, str]]:
    for path, methods in paths.items():
        yield from ((method.upper(), re.sub(r"\{.*?\}", "1", path)) for method in methods)
