"""What open pages are told: new words once, in spite of late commits; the end of a session at once."""

from __future__ import annotations

import asyncio
import html
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from console.app import close_streams
from console.chat_events import NewWords, chat_events
from console.live import live, mark
from console.staff import Staff
from console.streams import event
from console.visitors import Visitor
from console.web import Web
from crm_store.ids import new_id
from crm_store.models import Touchpoint
from crm_store.repositories import agents
from crm_store.unit import Unit
from support.desk import Desk
from tests.console.conftest import address_of
from tests.console.shop import act, contact_id, write

SOON = 5.0


@pytest.fixture
def web(app: FastAPI) -> Web:
    found: Web = app.state.web
    return found


async def upto(events: AsyncIterator[str], words: str) -> list[str]:
    """Events until one that holds these words."""
    seen = []
    async with asyncio.timeout(SOON):
        async for each in events:
            seen.append(each)
            if words in each:
                return seen
    raise AssertionError(f"the stream ended without {words!r}: {seen}")


async def say(desk: Desk, contact: int, text: str, touchpoint_id: int | None = None) -> int:
    """Words of ours, perhaps with an id of an earlier moment."""

    async def work(unit: Unit) -> int:
        row = unit.add(
            Touchpoint(
                id=touchpoint_id or new_id(),
                contact_point_id=contact,
                at=unit.now,
                channel="web",
                direction="out",
                author="bot",
                kind="text",
                text=text,
            )
        )
        return row.id

    return await desk.store.run(work)


async def test_a_chat_hears_from_its_first_word_on(desk: Desk, web: Web, visitor: httpx.AsyncClient) -> None:
    events = chat_events(web, Visitor(address_of(visitor), "en", is_new=False), 0)
    assert await anext(events) == "retry: 2000\n\n"
    waiting = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await write(visitor, "what does delivery cost?")
    first = await asyncio.wait_for(waiting, SOON)
    assert "what does delivery cost?" in first
    seen = await upto(events, "Delivery is free")
    assert re.match(r"id: \d+\nevent: said\ndata: <article", seen[-1])


async def test_what_an_agent_notes_is_not_told(
    desk: Desk, web: Web, visitor: httpx.AsyncClient, agent: httpx.AsyncClient, waiting: int
) -> None:
    events = chat_events(web, Visitor(address_of(visitor), "en", is_new=False), 0)
    await act(agent, waiting, "note", text="a secret note")
    await act(agent, waiting, "reply", text="Hello from Mia")
    assert "a secret note" not in "".join(await upto(events, "Hello from Mia"))


async def test_rows_that_are_committed_late_are_not_missed_and_none_comes_twice(
    desk: Desk, web: Web, visitor: httpx.AsyncClient
) -> None:
    await write(visitor, "hello")
    contact = await contact_id(desk, address_of(visitor))
    words = NewWords(web, address_of(visitor), 0)
    begun = new_id()
    await asyncio.sleep(0.002)
    first = [row.id for row in await words.read()]
    later = await say(desk, contact, "later")
    assert [row.id for row in await words.read()] == [later]
    assert await say(desk, contact, "earlier but late", begun) < later
    assert [row.id for row in await words.read()] == [begun]
    assert await words.read() == []
    resumed = NewWords(web, address_of(visitor), later)
    assert {row.id for row in await resumed.read()} == {*first, begun, later}, "the browser drops what it has"


async def test_a_connection_goes_on_where_it_broke_off(app: FastAPI, web: Web, visitor: httpx.AsyncClient) -> None:
    for bad in ("1abc", "9223372036854775808"):
        assert (await visitor.get("/chat/events", headers={"Last-Event-ID": bad})).status_code == 404


async def test_a_page_is_told_when_something_changed_and_when_the_session_ended(
    desk: Desk, web: Web, agent: httpx.AsyncClient
) -> None:
    shown = ["one"]

    async def render() -> str:
        return shown[0]

    found = await desk.store.run(lambda unit: agents.by_name(unit, "Mia"))
    assert found
    events = live(web, Staff(found, agent.cookies["session"], ""), ("queue",), "", render)
    await upto(events, "data: one")
    shown[0] = "two\nlines"
    desk.store.signals.send(["queue"])
    assert await anext(events) == f"id: {mark(shown[0])}\nevent: live\ndata: two\ndata: lines\n\n"
    now = desk.store.clock()
    desk.store.clock = lambda: now + timedelta(days=8)
    assert await anext(events) == "event: gone\ndata: signed out\n\n"
    assert [each async for each in events] == []


async def heard_soon(app: FastAPI, client: httpx.AsyncClient, address: str, shown: str = "") -> str:
    """What a stream says within half a second; `shown` is what the browser says it has."""
    asyncio.get_running_loop().call_later(0.5, close_streams, app)
    told = await client.get(address, headers={"Last-Event-ID": shown} if shown else {})
    app.state.web.streams.closing = False
    return told.text


async def test_a_page_that_shows_it_already_is_left_alone(app: FastAPI, agent: httpx.AsyncClient, waiting: int) -> None:
    for path in ("/console", f"/console/c/{waiting}"):
        page = (await agent.get(path)).text
        address = html.unescape(re.findall(r'sse-connect="([^"]+)"', page)[0])
        assert "event: live" not in await heard_soon(app, agent, address)
        assert "event: live" in await heard_soon(app, agent, address, shown="something else")


async def test_a_forgotten_tab_does_not_keep_its_session(desk: Desk, web: Web, agent: httpx.AsyncClient) -> None:
    async def render() -> str:
        return desk.store.clock().isoformat()

    found = await desk.store.run(lambda unit: agents.by_name(unit, "Mia"))
    assert found
    events = live(web, Staff(found, agent.cookies["session"], ""), (), "", render)
    passed = [timedelta()]
    start = desk.store.clock()
    desk.store.clock = lambda: start + passed[-1]
    for hours in (5, 10):
        passed.append(timedelta(hours=hours))
        await upto(events, "data: ")
    passed.append(timedelta(hours=13))
    await upto(events, "event: gone")


class Server(uvicorn.Server):
    """uvicorn inside the test's own loop, which keeps its signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def test_a_stop_does_not_wait_for_open_pages(app: FastAPI) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/chat/events"
    async with asyncio.timeout(SOON), asyncio.TaskGroup() as tasks, httpx.AsyncClient() as client:
        tasks.create_task(server.serve(sockets=[listener]))
        async with client.stream("GET", url) as page:
            pieces = page.aiter_text()
            assert await anext(pieces) == "retry: 2000\n\n"
            close_streams(app)
            server.should_exit = True
            assert [piece async for piece in pieces] == []


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("said", "a\nb", 7), "id: 7\nevent: said\ndata: a\ndata: b\n\n"),
        (("gone", ""), "event: gone\ndata: \n\n"),
        (("live", "x\r\n\r\ny"), "event: live\ndata: x\ndata: \ndata: y\n\n"),
    ],
)
def test_events_are_written_line_by_line(args: tuple[Any, ...], text: str) -> None:
    assert event(*args) == text
