"""Both doors by which updates come in, over one store: a webhook that is posted to and a Telegram that is asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from console.webhook import Webhook, webhook_router
from crm_store.models import InboxRow
from crm_store.store import Store
from tests.console.shop import browser
from workers.api import Answer, BotApi
from workers.intake import Intake

SECRET = "a-webhook-secret"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
WORDS = "x" * 50_000
"""More than the free room of a page, so that a full disk is noticed."""


def update(number: int) -> dict[str, Any]:
    chat = {"id": 101, "type": "private"}
    return {"update_id": number, "message": {"message_id": number, "date": 0, "chat": chat, "text": WORDS}}


@dataclass
class Telegram:
    """Hands out what was written to the bot until an offset confirms it, as getUpdates does."""

    pending: list[int] = field(default_factory=list)
    asked: int = 0
    bot_id: int = 42

    async def call(self, method: str, payload: Mapping[str, Any], uploads: object = None, *, seconds: float) -> Answer:
        assert method == "getUpdates"
        self.pending = [number for number in self.pending if number >= payload.get("offset", 0)]
        self.asked += 1
        await asyncio.sleep(0.01)
        return Answer(200, {"ok": True, "result": [update(number) for number in self.pending]})


@dataclass
class Doors:
    telegram: Telegram
    web: httpx.AsyncClient
    store: Store

    async def post(self, number: int) -> httpx.Response:
        return await self.web.post("/telegram/webhook", content=json.dumps(update(number)), headers=HEADERS)

    async def kept(self) -> set[int]:
        async with self.store.read() as session:
            return set(await session.scalars(select(InboxRow.update_id)))


@asynccontextmanager
async def open_doors(store: Store) -> AsyncIterator[Doors]:
    telegram, app = Telegram(), FastAPI()
    intake = Intake(store, cast(BotApi, telegram))
    app.include_router(webhook_router(Webhook(SECRET, intake.accept)))
    polling = asyncio.ensure_future(intake.poll())
    try:
        async with browser(app) as web:
            yield Doors(telegram, web, store)
        assert not polling.done(), "nothing may end the poller"
    finally:
        polling.cancel()
        await asyncio.wait([polling])
