"""`kill -9` amid two hundred messages: none is lost, none takes effect twice, and every chat stays in order."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from crm_store.store import Store
from tests.rig.checks import examine, in_flight, settled
from tests.rig.crowd import Crowd
from tests.rig.shop import environment, questions, write_entries
from tests.rig.supervisor import Supervisor, supervised
from tests.telegram.process import telegram_process

CHATS = 20
MESSAGES = 10
TOTAL = CHATS * MESSAGES
KILLS = 3
SEED = 7


async def test_kill_9_amid_200_messages(sqlite_store: Store, tmp_path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - kills at the same points in every run
    in_its_hands = 0
    with telegram_process() as telegram:
        crowd = Crowd(telegram, questions(write_entries(tmp_path, MESSAGES, SEED)), CHATS)
        assert crowd.speak(TOTAL) == TOTAL
        url = sqlite_store.url.render_as_string(hide_password=False)
        with supervised(Supervisor(["run"], environment(telegram.url, url, tmp_path), tmp_path)) as rig:
            for _ in range(KILLS):
                await telegram.sent(min(TOTAL - 1, telegram.counters()["sent"] + chance.randint(5, 55)))
                rig.kill(0)
                in_its_hands += await in_flight(sqlite_store)
                assert not await settled(sqlite_store), "the kill came too late to prove anything"
                rig.revive()
            async with asyncio.timeout(60):
                while telegram.counters()["pending"] or not await settled(sqlite_store):
                    await asyncio.sleep(0.05)
            assert rig.end() == [0]
        findings = await examine(sqlite_store, telegram, crowd.said)
    assert not findings.broken(in_its_hands), findings
