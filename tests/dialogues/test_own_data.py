"""Customers get a copy of their data, or have it deleted, in a private chat; agents who talk with them are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from crm_store.models import ContactPoint, Customer, InboxRow, OutboxRow, StoredFile, Touchpoint
from tests.dialogues.conftest import Shop


@pytest.fixture(autouse=True)
def _soon() -> Iterator[None]:
    """Nobody waits for the timetable longer than a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("support.customers.own_data.FORGET_SECONDS", 1)
        patch.setattr("support.talk.privacy_talk.READING_TIME", timedelta(0))
        yield


async def erased(shop: Shop) -> None:
    """Waits until somebody is."""
    async with asyncio.timeout(10):
        while not await shop.rows(select(Customer).where(Customer.erased_at.is_not(None))):
            await asyncio.sleep(0.1)


async def everything(shop: Shop) -> str:
    models = (Customer, ContactPoint, Touchpoint, OutboxRow, InboxRow)
    columns = [c for model in models for c in (await shop.rows(select(model)))]
    return json.dumps([{k: str(v) for k, v in vars(row).items()} for row in columns], ensure_ascii=False)


async def test_a_copy_and_then_deleted(shop: Shop) -> None:
    nia = shop.customer(101, "Niacanary")
    nia.say("my address is canary street 5")
    await nia.hears(1)
    nia.say("/mydata")
    (told,) = await nia.hears(1)
    assert told.labels == ["Send me a copy", "Delete", "Keep"]
    nia.press("Send me a copy")
    coming, file = await nia.hears(2)
    assert coming.text.startswith("Your copy comes here as a file")
    assert file.media == "document"
    assert file.text == "Here is a copy of your data. Please save it within a day."
    (row,) = await shop.rows(select(StoredFile))
    archive = ZipFile(BytesIO((shop.settings.files_dir / row.path).read_bytes()))
    data = json.loads(archive.read("data.json"))
    assert "my address is canary street 5" in [each["text"] for each in data["touchpoint"]]
    assert data["contact_point"][0]["display_name"] == "Niacanary"
    nia.press("Delete")
    (last,) = await nia.hears(1)
    assert last.text.startswith("Your name, contacts, messages and files are being deleted")
    await erased(shop)
    assert "canary" not in await everything(shop)
    assert [path for path in shop.settings.files_dir.rglob("*") if path.is_file()] == []
    nia.say("hi")
    (greeted,) = await nia.hears(1)
    assert greeted.text.startswith("Hello and welcome")


async def test_deleted_in_chinese_while_a_colleague_holds_the_chat(shop: Shop) -> None:
    chen, bob = shop.customer(102, "陈canary", language="zh-CN"), shop.agent()
    topic = await shop.handed_over(chen, "转人工")
    bob.press_in(shop.group, topic, "Claim")
    await chen.hears(1)
    bob.say_in(shop.group, topic, "您好canary")
    await chen.hears(1)
    chen.say("/forget")
    (told,) = await chen.hears(1)
    assert told.labels == ["先导出", "确认删除", "不删了"]
    chen.press("确认删除")
    (last,) = await chen.hears(1)
    assert last.text.startswith("您的姓名、联系方式、聊天记录和文件正在删除")
    await erased(shop)
    await shop.settled()
    assert "canary" not in await everything(shop)
    assert [topic.deleted for topic in shop.group.topics] == [True]
    assert "Request #1001: the customer's data is deleted" in "\n".join(shop.tg.transcript(shop.group.id))
    chen.say("在吗")
    (greeted,) = await chen.hears(1)
    assert "Kaffa Tools" in greeted.text
