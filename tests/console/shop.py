"""A small shop for the web's tests: its FAQ, its desk, and browsers that write to it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from console.app import build_app
from crm_store.models import Agent
from crm_store.repositories import people
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.access import add_agent, login_link
from support.desk import Desk
from support.knowledge.importing import import_entries
from support.knowledge.live_faq import LiveFaq
from support.words.texts import Texts
from support.working_hours import WorkingHours
from tests.databases import SECRET

ORIGIN = "http://test"

FAQ = (
    FaqEntry(
        id="descale",
        phrasings={
            "en": ["How often do I descale the machine?"],
            "zh-Hans": ["多久除一次垢？"],
            "zh-Hant": ["咖啡機多久要除垢？"],
        },
        answers={
            "en": "Every **two** to three months. See [the steps](https://shop.example/descale).",
            "zh-Hans": "一般两到三个月一次。",
            "zh-Hant": "一般兩到三個月一次。",
        },
    ),
    FaqEntry(
        id="delivery",
        phrasings={"en": ["What does delivery cost?"], "zh-Hans": ["运费多少钱？"]},
        answers={"en": "Delivery is free from 50 €.", "zh-Hans": "满 50 欧元免运费。"},
    ),
)


async def open_desk(store: Store, language: str = "en") -> Desk:
    """A desk over an empty store, which gets the small FAQ; always open."""
    await store.run(lambda unit: import_entries(unit, FAQ))
    desk = Desk(
        store,
        Texts.load(),
        LiveFaq(),
        WorkingHours.parse(None, "UTC"),
        shop="Kaffa Tools",
        default_language=language,
    )
    await desk.faq.refresh(store)
    return desk


async def nothing_wrong() -> list[str]:
    return []


def build(desk: Desk, folder: Path, **options: Any) -> FastAPI:
    settings: dict[str, Any] = {"public_url": None, "files_dir": folder / "files", "ready": nothing_wrong}
    return build_app(desk, SECRET, **(settings | options))


def browser(app: FastAPI, language: str = "en", base: str = ORIGIN) -> httpx.AsyncClient:
    """A browser with cookies of its own, sending what browsers send."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url=base, headers={"Accept-Language": language, "Sec-Fetch-Site": "same-origin"}
    )


def key() -> str:
    return secrets.token_hex(16)


async def write(client: httpx.AsyncClient, text: str, client_key: str | None = None, **more: Any) -> httpx.Response:
    """Posts a message of the chat."""
    return await client.post("/chat/messages", data={"text": text, "client_key": client_key or key()}, **more)


async def add_staff(desk: Desk, name: str, role: str = "agent") -> Agent:
    return await desk.store.run(lambda unit: add_agent(unit, name, role))


async def log_in(desk: Desk, client: httpx.AsyncClient, name: str) -> httpx.Response:
    token = await desk.store.run(lambda unit: login_link(unit, name))
    return await client.post("/console/enter", data={"token": token})


async def csrf_of(client: httpx.AsyncClient) -> str:
    """The token that this browser's console pages carry."""
    page = (await client.get("/console")).text
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


async def act(client: httpx.AsyncClient, contact_id: int | str, what: str, **fields: str) -> httpx.Response:
    """Posts a form of the conversation page, as htmx does."""
    headers = {"X-CSRF-Token": await csrf_of(client), "HX-Request": "true"}
    data = {"client_key": key(), **fields}
    return await client.post(f"/console/c/{contact_id}/{what}", data=data, headers=headers)


async def contact_id(desk: Desk, address: str) -> int:
    async def find(unit: Unit) -> int:
        person = await people.by_address(unit, "web", address)
        assert person is not None
        return person.contact.id

    return await desk.store.run(find)
