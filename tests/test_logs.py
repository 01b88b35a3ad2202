"""The log of a bad day: JSON lines with ids, and not a word, token, phone number or name of anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm_store.models import InboxRow
from crm_store.store import Store
from faq.files import write_faq
from tests.bot_process import start_bot
from tests.console.shop import FAQ
from tests.dialogues.conftest import free_port
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram

TOKEN = "42:canary-token"
SECRET = "canary-secret-key"
WORDS, NAME, PHONE, FILE = "canary-words", "Canaryname", "+4915112345678", "canary-file"
CANARIES = ("canary", "Canary", "5112345678", SECRET)
NIA = {"id": 101, "is_bot": False, "first_name": NAME}
PRIVATE = {"id": 101, "type": "private"}


@asynccontextmanager
async def running(tg: FakeTelegram, store: Store, tmp_path: Path) -> AsyncIterator[ForkServerProcess]:
    write_faq(faq := tmp_path / "faq.yaml", FAQ)
    environment = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": tg.url,
        "DATABASE_URL": store.url.render_as_string(hide_password=False),
        "SECRET_KEY": SECRET,
        "FAQ_FILE": str(faq),
        "FILES_DIR": str(tmp_path / "files"),
        "HTTP_PORT": str(free_port()),
        "SEND_RATE_CHAT": "0",
    }
    process = start_bot(environment, tmp_path)
    try:
        yield process
    finally:
        process.terminate()
        await asyncio.to_thread(process.join, 20)


def broken_update() -> dict[str, Any]:
    """A handler cannot read it, and says so with all its content."""
    return {"message": {"message_id": 9, "date": "canary-date", "chat": PRIVATE, "from": NIA, "text": WORDS}}


async def bad_day(tg: FakeTelegram, store: Store) -> None:
    nia = tg.user(101, NAME, language_code="en")
    tg.fault(Kind.REFUSE, "getFile", code=400, description="Bad Request: file is too big")
    tg.fault(Kind.BAD_GATEWAY_AFTER, "sendMessage")
    nia.say(f"{WORDS}, and my number is {PHONE}")
    nia.photo(caption=WORDS)
    nia.document(name=f"{FILE}.pdf")
    nia.contact(PHONE)
    tg.push([broken_update(), {"something_new": {"from": NIA, "text": WORDS}}])
    nia.press_data(f"b:{WORDS}")
    await set_aside(store)
    nia.block()
    await tg.quiet(idle=0.5, timeout=20)
    tg.fault(Kind.REFUSE, "sendMessage", code=401, description="Unauthorized")
    tg.user(102, NAME).say(WORDS)
    await tg.quiet(idle=0.5, timeout=20)


async def set_aside(store: Store) -> None:
    """Waits until the broken update has been given up."""
    async with asyncio.timeout(20):
        while True:
            async with store.read() as session:
                if await session.scalar(select(InboxRow.id).where(InboxRow.state == "failed")):
                    return
            await asyncio.sleep(0.05)


async def test_a_bad_day_leaves_ids_in_the_log_and_nothing_of_anybody(sqlite_store: Store, tmp_path: Path) -> None:
    async with FakeTelegram(token=TOKEN) as tg:
        async with running(tg, sqlite_store, tmp_path) as process:
            await bad_day(tg, sqlite_store)
        assert process.exitcode == 0
    raw = (tmp_path / "stderr").read_text("utf-8")
    lines = [json.loads(line) for line in raw.splitlines()]
    for canary in CANARIES:
        assert canary not in raw + (tmp_path / "stdout").read_text("utf-8")
    by_event = {line["event"]: line for line in lines}
    assert {"service.started", "processing.failed", "processing.set_aside", "sender.outcome"} <= by_event.keys()
    assert all({"level", "timestamp", "event"} <= line.keys() for line in lines)
    for event in ("processing.failed", "processing.set_aside"):
        assert {"update", "chat"} <= by_event[event].keys()
        assert by_event[event]["chat"] == 101
    outcomes = [line for line in lines if line["event"] == "sender.outcome"]
    assert all({"row", "chat", "method", "fate", "error"} <= line.keys() for line in outcomes)
    assert {line["fate"] for line in outcomes} >= {"maybe", "failed", "revoked"}
    assert by_event["processing.failed"]["at"], "where in the code it happened"
