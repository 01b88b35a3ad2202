from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.telegram.client import Telegram
from tests.telegram.server import FakeTelegram


@dataclass
class Bot:
    """Calls the fake over HTTP as a bare bot would."""

    telegram: Telegram
    session: ClientSession

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer, `ok` or not; its status must agree with it."""
        url = f"{self.telegram.url}/bot{self.telegram.token}/{method}"
        async with self.session.post(url, json=params) as response:
            answer: dict[str, Any] = await response.json()
        assert response.status == answer.get("error_code", 200)
        return answer

    async def call(self, method: str, **params: Any) -> Any:
        answer = await self.ask(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        answer = await self.ask(method, **params)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]

    async def updates(self, offset: int = 0, **how: Any) -> list[dict[str, Any]]:
        return list(await self.call("getUpdates", offset=offset, **how))


@pytest.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as telegram:
        yield telegram


@pytest.fixture
async def bot(tg: FakeTelegram) -> AsyncIterator[Bot]:
    async with ClientSession() as session:
        yield Bot(tg, session)
