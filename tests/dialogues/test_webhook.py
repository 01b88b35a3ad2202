"""The webhook takes updates with its secret only, and confirms only what is stored."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from crm_store.models import InboxRow
from crm_store.store import Store
from tests.dialogues.conftest import Shop, open_shop
from tests.dialogues.test_whole_dialogue import WEBHOOK_SECRET, webhook_settings
from tests.telegram.server import FakeTelegram
from tests.telegram.webhook import SECRET_HEADER

QUESTION = "how offen do i descale"


def update(number: int, text: str = QUESTION, who: int = 101) -> dict[str, Any]:
    person = {"id": who, "is_bot": False, "first_name": "Nia", "language_code": "en"}
    chat = {"id": who, "type": "private", "first_name": "Nia"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": person, "text": text}
    return {"update_id": number, "message": message}


async def post(shop: Shop, body: bytes, secret: bytes | None = WEBHOOK_SECRET.encode()) -> tuple[int, str | None]:
    """(status, Retry-After). The header goes out as raw bytes."""
    headers = {} if secret is None else {SECRET_HEADER: secret.decode("utf-8", "surrogateescape")}
    async with (
        ClientSession() as session,
        session.post(str(shop.settings.webhook_url), data=body, headers=headers) as response,
    ):
        return response.status, response.headers.get("Retry-After")


async def test_without_the_secret_nothing_is_stored(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> None:
    async with open_shop(tg, shop_store, tmp_path, **webhook_settings()) as shop:
        nia = shop.customer()
        body = json.dumps(update(1)).encode()
        wrong = (
            None,
            b"",
            b"wrong",
            WEBHOOK_SECRET.upper().encode(),
            "sécret密".encode(),
            WEBHOOK_SECRET.encode() + b"x",
        )
        for secret in wrong:
            assert (await post(shop, body, secret))[0] == 401
        assert not await shop.rows(select(InboxRow))
        for rubbish in (b"", b"not json", b"[1]", b"{}", b'{"update_id": "x"}', b'{"update_id": null}', b"\xff"):
            assert (await post(shop, rubbish))[0] == 400
        assert not await shop.rows(select(InboxRow))
        nia.say(QUESTION)
        await nia.hears(1)
        for _ in range(5):
            assert (await post(shop, json.dumps(update(tg.world.queue.newest_id)).encode()))[0] == 200
        await shop.settled()
        assert len(await shop.rows(select(InboxRow))) == 1
        assert not nia.unheard()


async def test_a_locked_database_confirms_nothing_and_loses_nothing(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_store.store.BUSY_TIMEOUT_MS", 100)
    async with open_shop(tg, shop_store, tmp_path, **webhook_settings()) as shop:
        nia = shop.customer()
        nia.say("hi")
        await nia.hears(1)
        await shop.settled()
        lock = sqlite3.connect(str(shop.store.url.database), timeout=30, isolation_level=None, check_same_thread=False)
        # in a thread, because whoever has the lock now can only give it back in this very loop
        await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
        status, retry_after = await post(shop, json.dumps(update(1)).encode())
        assert (status, retry_after) == (503, "2")
        nia.say(QUESTION)
        await nia.hears_nothing(0.5)
        lock.execute("ROLLBACK")
        lock.close()
        (answer,) = await nia.hears(1, timeout=10)
        assert answer.text.startswith("Every two to three months")
        await shop.settled()
        assert not nia.unheard()
        assert not await shop.set_aside()
