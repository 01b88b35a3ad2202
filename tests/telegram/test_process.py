"""The fake in a process of its own, through the same methods."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.telegram.conftest import Bot
from tests.telegram.process import telegram_process


async def test_people_and_faults_work_alike_from_outside(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    flood = {"op": "flood", "args": {"chats": 3, "per_chat": 2, "texts": ["hello"]}}
    script.write_text(json.dumps(flood) + "\n")
    with telegram_process("7:OTHER", "--script", str(script), "--keep", "5") as tg:
        async with ClientSession() as session:
            bot = Bot(tg, session)
            updates = await bot.updates()
            assert len(updates) == 6
            for update in updates:
                await bot.call("sendMessage", chat_id=update["message"]["chat"]["id"], text="answer")
            await bot.updates(offset=updates[-1]["update_id"] + 1)
            await tg.sent(6)
            await tg.quiet()
            assert set(tg.counters()["sent_by_chat"].values()) == {2}
            anna = tg.user(101, "Anna")
            anna.photo("look")
            tg.fault("refuse", "sendMessage", code=403, description="Forbidden: no")
            assert await bot.refused("sendMessage", chat_id=101, text="a") == (403, "Forbidden: no")
            await bot.call("sendMessage", chat_id=101, text="seen")
            assert [seen.text for seen in await anna.hears()] == ["seen"]
            assert tg.transcript(anna) == ["C: <photo> look", "T: seen"]
            with pytest.raises(AssertionError, match=r"no button \[Yes\]"):
                anna.press("Yes")


async def test_a_compact_memory_forgets_the_oldest_but_counts_all() -> None:
    with telegram_process("7:OTHER", "--keep", "2") as tg:
        async with ClientSession() as session:
            bot = Bot(tg, session)
            anna = tg.user(101, "Anna")
            anna.start()
            for number in range(5):
                await bot.call("sendMessage", chat_id=101, text=str(number))
            assert [seen.text for seen in anna.messages()] == ["3", "4"]
            assert tg.counters()["sent"] == 5
            assert tg.calls() == []
