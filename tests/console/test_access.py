"""Who may do what: every route, every door."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from crm_store.models import Agent
from crm_store.repositories import agents
from crm_store.unit import Unit
from support.access import IDLE_LIMIT, SESSION_LIFE, login_link
from support.desk import Desk
from tests.console.shop import act, add_staff, browser, csrf_of, log_in

PUBLIC = {"/", "/chat", "/chat/events", "/chat/messages", "/chat/press", "/healthz", "/readyz"}
OWN_CHECK = {"/files/{file_id}", "/console/login", "/console/enter"}


def guarded(app: FastAPI, contact_id: int = 1) -> list[tuple[str, str]]:
    found = {(method, str(route.path)) for route in iter_route_contexts(app.routes) for method in route.methods or ()}
    assert len(found) > 20
    guarded = sorted((method, path) for method, path in found if path not in PUBLIC | OWN_CHECK)
    return [(method, re.sub(r"\{.*?\}", str(contact_id), path)) for method, path in guarded]


async def change_agent(desk: Desk, name: str, **changes: object) -> None:
    async def change(unit: Unit) -> None:
        found = await agents.by_name(unit, name)
        assert isinstance(found, Agent)
        for field, value in changes.items():
            setattr(found, field, value)

    await desk.store.run(change)


async def statuses(app: FastAPI, client: httpx.AsyncClient, contact_id: int) -> dict[str, int]:
    return {
        f"{method} {path}": (await client.request(method, path)).status_code
        for method, path in guarded(app, contact_id)
    }


async def test_no_door_opens_without_a_session(app: FastAPI, waiting: int) -> None:
    async with browser(app) as stranger:
        found = await statuses(app, stranger, waiting)
        assert set(found.values()) <= {303, 401, 403}
        stranger.cookies.set("session", "made up")
        assert set((await statuses(app, stranger, waiting)).values()) <= {303, 401, 403}


async def test_a_customers_cookie_opens_no_door(app: FastAPI, visitor: httpx.AsyncClient, waiting: int) -> None:
    visitor.cookies.set("session", visitor.cookies["visitor"])
    assert set((await statuses(app, visitor, waiting)).values()) <= {303, 401, 403}


async def test_every_change_needs_the_sessions_own_token(
    app: FastAPI, desk: Desk, agent: httpx.AsyncClient, waiting: int
) -> None:
    posts = [path for method, path in guarded(app, waiting) if method == "POST"]
    assert len(posts) >= 7
    await add_staff(desk, "Tom")
    async with browser(app) as other:
        await log_in(desk, other, "Tom")
        foreign = await csrf_of(other)
    for path in posts:
        for given in (b"", foreign.encode(), "ü".encode()):
            answer = await agent.post(path, data={"text": "x"}, headers={b"X-CSRF-Token": given})
            assert answer.status_code == 403, (path, given)
        assert (await agent.post(path, data={"csrf": foreign})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "", "Origin": "http://test"},
    ],
)
async def test_posts_of_other_sites_are_refused(
    agent: httpx.AsyncClient, visitor: httpx.AsyncClient, waiting: int, headers: dict[str, str]
) -> None:
    token = {"X-CSRF-Token": await csrf_of(agent)}
    assert (await agent.post(f"/console/c/{waiting}/claim", headers=headers | token)).status_code == 403
    assert (
        await visitor.post("/chat/press", data={"touchpoint_id": "1", "index": "0"}, headers=headers)
    ).status_code == 403
    assert (await visitor.post("/console/enter", data={"token": "x"}, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"), [("http://test", 200), ("http://evil.example", 403), ("null", 403), ("http://test.evil", 403)]
)
async def test_old_browsers_are_judged_by_origin(app: FastAPI, origin: str, status: int) -> None:
    async with browser(app) as client:
        del client.headers["Sec-Fetch-Site"]
        answer = await client.post(
            "/chat/messages", data={"text": "hello", "client_key": "12345678"}, headers={"Origin": origin}
        )
    assert answer.status_code == status


# Coming and going


async def test_a_link_shows_one_button_and_works_once(app: FastAPI, desk: Desk) -> None:
    await add_staff(desk, "Mia")
    token = await desk.store.run(lambda unit: login_link(unit, "Mia"))
    async with browser(app) as client:
        for _ in range(2):  # looking does not use it up
            shown = await client.get("/console/enter", params={"token": token})
            assert "Enter as Mia" in shown.text
            assert "set-cookie" not in shown.headers
        entered = await client.post("/console/enter", data={"token": token})
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        assert {"HttpOnly", "SameSite=lax"} <= set(entered.headers["set-cookie"].split("; "))
        assert (await client.get("/console")).status_code == 200
    async with browser(app) as second:
        assert (await second.post("/console/enter", data={"token": token})).status_code == 410
        assert (await second.get("/console")).headers["location"] == "/console/login"


async def test_an_old_link_is_told(app: FastAPI, desk: Desk) -> None:
    await add_staff(desk, "Mia")
    token = await desk.store.run(lambda unit: login_link(unit, "Mia", life=timedelta(seconds=-1)))
    async with browser(app) as client:
        for answer in (
            await client.get("/console/enter", params={"token": token}),
            await client.get("/console/enter"),
            await client.post("/console/enter", data={"token": token}),
            await client.post("/console/enter"),
        ):
            assert answer.status_code == 410
            assert "expired or was used already" in answer.text


async def test_logging_in_again_ends_the_former_session(app: FastAPI, desk: Desk, agent: httpx.AsyncClient) -> None:
    former = agent.cookies["session"]
    await log_in(desk, agent, "Mia")
    async with browser(app) as thief:
        thief.cookies.set("session", former)
        assert (await thief.get("/console")).status_code == 303


async def test_signing_out_ends_the_session_everywhere(app: FastAPI, agent: httpx.AsyncClient) -> None:
    former = agent.cookies["session"]
    answer = await agent.post("/console/logout", data={"csrf": await csrf_of(agent)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/login")
    async with browser(app) as thief:
        thief.cookies.set("session", former)
        assert (await thief.get("/console")).status_code == 303


@pytest.mark.parametrize("changes", [{"active": False}, {"role": "customer"}])
async def test_losing_the_role_counts_at_once(
    app: FastAPI, desk: Desk, agent: httpx.AsyncClient, waiting: int, changes: dict[str, object]
) -> None:
    await change_agent(desk, "Mia", **changes)
    assert set((await statuses(app, agent, waiting)).values()) <= {303, 401, 403}


@pytest.mark.parametrize("later", [IDLE_LIMIT + timedelta(minutes=1), SESSION_LIFE + timedelta(minutes=1)])
async def test_a_session_ends_by_itself(desk: Desk, agent: httpx.AsyncClient, later: timedelta) -> None:
    now = desk.store.clock()
    desk.store.clock = lambda: now + later
    assert (await agent.get("/console")).status_code == 303


async def test_an_expired_part_of_a_page_leads_to_the_login(desk: Desk, agent: httpx.AsyncClient, waiting: int) -> None:
    headers = {"X-CSRF-Token": await csrf_of(agent), "HX-Request": "true"}
    await change_agent(desk, "Mia", active=False)
    answer = await agent.post(f"/console/c/{waiting}/claim", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/console/login")


async def test_an_admin_may_work_the_queue_too(app: FastAPI, desk: Desk, waiting: int) -> None:
    await add_staff(desk, "Ada", "admin")
    async with browser(app) as client:
        await log_in(desk, client, "Ada")
        assert (await act(client, waiting, "claim")).status_code == 200
