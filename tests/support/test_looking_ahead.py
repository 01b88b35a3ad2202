"""A batch's words are matched before it is worked on: all that understanding them will ask, and off a busy loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from crm_store.store import Store
from faq.index import Index, Ranking
from faq.matcher import Matcher
from handlers.dispatch import Dispatch
from handlers.recording import make_bot
from support.desk import Desk
from support.knowledge.live_faq import LiveFaq
from support.talk.understanding import asked_in, understand
from tests.support.shop import open_shop

SEVERAL = "Hello! Where is my order? And can I return the grinder? Thanks, what can I do?"


@pytest.fixture
async def desk(store: Store) -> Desk:
    return (await open_shop(store)).desk


@pytest.mark.parametrize("text", ["Where is my order?", SEVERAL, "你好，订单到哪里了？可以退货吗？", "hello", "", "😀"])
async def test_all_that_understanding_asks_is_asked_ahead(
    desk: Desk, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.faq.look_ahead(asked_in(text))
    calls: list[str] = []
    ask = Index.ask

    def counted(index: Index, asked: str) -> Ranking:
        calls.append(asked)
        return ask(index, asked)

    monkeypatch.setattr(Index, "ask", counted)
    understand(desk.faq, text)
    assert [asked for asked in calls if asked] == []


async def test_only_words_in_private_chats_are_looked_ahead_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Matcher, "look_ahead", lambda _, texts: asked.extend(texts))
    desk = (await open_shop(store)).desk
    person, group = {"id": 7, "type": "private"}, {"id": -7, "type": "supergroup"}
    updates: list[dict[str, Any]] = [
        {"update_id": 1, "message": {"chat": person, "from": {"id": 7}, "text": "Where is my order?"}},
        {"update_id": 2, "message": {"chat": group, "from": {"id": 7}, "text": "an agent's words"}},
        {"update_id": 3, "message": {"chat": person, "from": {"id": 7}, "photo": []}},
        {"update_id": 4, "callback_query": {"from": {"id": 7}, "data": "b:1:0"}},
        {"update_id": 5},
        {"update_id": 6, "message": {"chat": person, "from": {"id": 7}, "text": "/start"}},
    ]
    async with store.unit() as unit:
        await Dispatch(desk, make_bot("42:TEST"), -7).prepare(unit, updates)
    assert set(asked) - {""} == {"Where is my order?"}


@pytest.mark.parametrize(("is_small", "in_a_thread"), [(True, False), (False, True)])
async def test_a_large_faq_is_asked_in_a_thread(
    is_small: bool, in_a_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: list[threading.Thread] = []

    def look_ahead(_: Matcher, texts: Iterable[str]) -> None:
        where.append(threading.current_thread())

    monkeypatch.setattr(Matcher, "look_ahead", look_ahead)
    monkeypatch.setattr(Index, "is_small", is_small)
    await asyncio.wait_for(LiveFaq().look_ahead(["Where is my order?"]), 10)
    assert (where[0] is not threading.main_thread()) == in_a_thread
