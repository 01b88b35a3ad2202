"""A real server and a real browser: the system's Chromium, without a way to the outside."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

from console.app import close_streams
from crm_store.store import Store
from support.desk import Desk
from tests.console import shop

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 860}


class Server(uvicorn.Server):
    """uvicorn inside the test's own loop, which keeps its signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Site:
    """A shop that is open at a local address."""

    desk: Desk
    app: FastAPI
    url: str


@dataclass
class Person:
    """Somebody at a browser of their own; `requests` and `complaints` are what it asked for and found wrong."""

    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    @property
    def left_home(self) -> list[str]:
        return [url for url in self.requests if not url.startswith((self.url, "data:"))]


@pytest.fixture
async def site(sqlite_store: Store, tmp_path: Path) -> AsyncIterator[Site]:
    desk = await shop.open_desk(sqlite_store)
    app = shop.build(desk, tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=3))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listener]))
        yield Site(desk, app, f"http://127.0.0.1:{listener.getsockname()[1]}")
        close_streams(app)
        server.should_exit = True


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "no Chromium: run tests/browser/ensure-chromium.sh"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def people(chromium: Browser, site: Site) -> AsyncIterator[People]:
    found = People(chromium, site)
    yield found
    await found.leave()


class People:
    """Opens a browser context per person, and checks at the end that none misbehaved."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self.all: list[Person] = []
        self._contexts: list[BrowserContext] = []

    async def come(self, locale: str = "en", size: dict[str, int] = DESKTOP) -> Person:
        context = await self._browser.new_context(
            locale=locale, viewport={"width": size["width"], "height": size["height"]}, color_scheme="light"
        )
        context.set_default_timeout(10_000)
        person = Person(await context.new_page(), self._site.url)
        person.watch()
        self._contexts.append(context)
        self.all.append(person)
        return person

    async def leave(self) -> None:
        for context in self._contexts:
            await context.close()
