"""Who may call the API: every route, every kind of key."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from operator import add
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import select

from console.api.app import PATH
from console.api.guard import KEY_RATE
from crm_store.models import ApiKey, Audit
from crm_store.store import StoreUnavailableError
from support.api_keys import PREFIX, Scope, revoke_key
from support.desk import Desk
from tests.console.programs import api, new_key, program, routes
from tests.console.shop import ORIGIN


async def answers(app: FastAPI, client: httpx.AsyncClient) -> dict[str, httpx.Response]:
    return {f"{method} {path}": await client.request(method, path) for method, path in await routes(app)}


async def assert_all(app: FastAPI, client: httpx.AsyncClient, status: int) -> None:
    found = await answers(app, client)
    assert len(found) >= 3
    assert {route: answer.status_code for route, answer in found.items()} == dict.fromkeys(found, status)
    for answer in found.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


async def stored_key(desk: Desk) -> ApiKey:
    async with desk.store.read() as session:
        return (await session.scalars(select(ApiKey))).one()


async def test_every_route_is_described_and_only_there(app: FastAPI) -> None:
    async with program(app) as stranger:
        described = (await stranger.get("openapi.json")).json()
        others = [(await stranger.get(path)).status_code for path in ("docs", "redoc")]
    served = {str(route.path_format) for route in iter_route_contexts(api(app).routes)}
    assert served == {*described["paths"], "/openapi.json"}
    assert described["servers"] == [{"url": PATH}]
    assert others == [401, 401]


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        f"Bearer {PREFIX}",
        f"Bearer {PREFIX}{'x' * 43}",
        "Basic dGQ6dGQ=",
        "Bearer ü\xff",
        "td_x",
    ],
)
async def test_no_route_answers_without_a_good_key(app: FastAPI, desk: Desk, authorization: str) -> None:
    await new_key(desk)
    transport = httpx.ASGITransport(app=app)
    headers = [(b"authorization", authorization.encode("latin-1"))]
    async with httpx.AsyncClient(transport=transport, base_url=f"{ORIGIN}{PATH}/", headers=headers) as stranger:
        await assert_all(app, stranger, 401)


async def test_a_part_of_a_key_or_its_hash_opens_nothing(app: FastAPI, desk: Desk) -> None:
    key = await new_key(desk)
    kept = await stored_key(desk)
    assert key not in (kept.key_hash, kept.name)
    for wrong in (key[:-1], key + "x", key.upper(), kept.key_hash, PREFIX + kept.key_hash):
        async with program(app, wrong) as stranger:
            assert (await stranger.get("nothing")).status_code == 401


async def test_a_revoked_key_opens_nothing_from_now_on(app: FastAPI, desk: Desk) -> None:
    key = await new_key(desk)
    async with program(app, key) as till:
        assert (await till.get("nothing")).status_code == 404
        await desk.store.run(lambda unit: revoke_key(unit, "till"))
        await assert_all(app, till, 401)


async def test_a_key_without_the_scope_opens_no_route(app: FastAPI, desk: Desk) -> None:
    """Each route asks for exactly one scope: all others together do not open it."""
    opened: dict[str, list[str]] = {}
    for scope in Scope:
        key = await new_key(desk, scope, name=scope)
        async with program(app, key) as till:
            for route, answer in (await answers(app, till)).items():
                opened.setdefault(route, [])
                if answer.status_code != 403:
                    opened[route].append(scope)
    assert {len(scopes) for scopes in opened.values()} == {1}, opened
    assert opened["POST /orders:batch"] == ["orders:write"]


async def test_the_right_key_is_heard(app: FastAPI, desk: Desk) -> None:
    async with program(app, await new_key(desk)) as till:
        codes = {answer.status_code for answer in (await answers(app, till)).values()}
        assert codes <= {
            200,
            400,
            404,
            422,
            429,
        }  # all reports share one limit, and there are more of them than it lets by
        assert 200 in codes


async def test_a_key_is_asked_for_before_the_body_is_read(app: FastAPI, desk: Desk) -> None:
    async def endless() -> Any:
        pytest.fail("the body was read")
        yield b""

    async with program(app) as stranger:
        answer = await stranger.post("/orders:batch", content=endless())
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_last_use_is_kept_once_a_minute(app: FastAPI, desk: Desk) -> None:
    start = desk.store.clock()
    key, seen = await new_key(desk), []
    async with program(app, key) as till:
        for seconds in (0, 59, 60, 61):
            desk.store.clock = partial(add, start, timedelta(seconds=seconds))
            await till.get("nothing")
            seen.append((await stored_key(desk)).last_used_at)
    assert seen == [start, start, start + timedelta(seconds=60), start + timedelta(seconds=60)]


async def test_a_good_key_is_good_while_the_database_is_busy(
    app: FastAPI, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long import may hold the write lock; then only the note of the key's use is left out."""

    async def busy(_: object) -> None:
        raise StoreUnavailableError(OSError("database is locked"))

    async with program(app, await new_key(desk)) as till:
        with monkeypatch.context() as patch:
            patch.setattr(desk.store, "commit", busy)
            assert (await till.get("/reports/contacts")).status_code == 200
        assert (await stored_key(desk)).last_used_at is None
        await till.get("nothing")
    assert (await stored_key(desk)).last_used_at


async def test_one_key_too_fast_is_told_to_wait_and_others_are_not(app: FastAPI, desk: Desk) -> None:
    async with program(app, await new_key(desk)) as fast, program(app, await new_key(desk, name="calm")) as calm:
        found = [await fast.get("nothing") for _ in range(int(KEY_RATE.burst * 1.5))]
        assert (await calm.get("nothing")).status_code == 404
    assert {answer.status_code for answer in found} == {404, 429}
    refused = [answer for answer in found if answer.status_code == 429]
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}, "also if the last came after a pause"


@pytest.mark.parametrize("path", ["customers/%00", "customers/a%00b", "customers/1?q=%00"])
async def test_what_no_database_keeps_is_not_there(app: FastAPI, desk: Desk, path: str) -> None:
    async with program(app, await new_key(desk)) as till:
        assert (await till.get(path)).status_code == 404


async def test_a_session_of_the_console_is_no_key(app: FastAPI, agent: httpx.AsyncClient) -> None:
    assert (await agent.post(f"{PATH}/orders:batch", json={"rows": []})).status_code == 401


async def test_reading_customers_data_is_noted_and_being_refused_is_not(app: FastAPI, desk: Desk) -> None:
    for name, scope in (("clerk", "touchpoints:read"), ("till", "orders:write")):
        async with program(app, await new_key(desk, scope, name=name)) as client:
            await client.get("/touchpoints")
    async with desk.store.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.action == "api.read")))
    assert [(line.object_id, line.data) for line in lines] == [("*", {"key": "clerk", "route": "/touchpoints"})]
