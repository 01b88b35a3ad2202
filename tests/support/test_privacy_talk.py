"""Customers ask for their data in the chat: a copy, its deletion, and why they came first."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from crm_store.models import Customer, Escalation, Schedule, StoredFile, Touchpoint
from crm_store.repositories import schedule
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.customers import own_data
from support.customers.errors import ErasedCustomerError
from support.customers.own_data import COPY_GONE, COPY_KEPT, PATIENCE, READING_TIME, OwnData
from support.files import FileStore
from support.talk import conversation
from support.talk.inbound import Inbound, Press, Sender
from tests.support.shop import Shop, new_score_for, open_shop

DEEDS = ["Send me a copy", "Delete", "Keep"]


class Visitor:
    """One web visitor, the jobs of the timetable, and what was told."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.files = shop, FileStore(folder)
        self.own_data = OwnData(shop.desk, self.files)

    async def say(self, text: str, language: str = "en") -> str:
        sender = Sender("web", "nia", client_language=language)
        await self.shop.run(lambda unit: conversation.hear(self.shop.desk, unit, Inbound(sender, text)))
        return await self.last()

    async def press(self, label: str) -> str | None:
        offered = await self.newest()
        labels = await self.labels()
        press = Press(Sender("web", "nia"), offered.id, labels.index(label))
        return await self.shop.run(lambda unit: conversation.press(self.shop.desk, unit, press))

    async def newest(self) -> Touchpoint:
        return [row for row in await self.shop.rows(Touchpoint) if row.direction == "out"][-1]

    async def last(self) -> str:
        return (await self.newest()).text or ""

    async def labels(self) -> list[str]:
        return [button["label"] for button in ((await self.newest()).payload or {}).get("buttons", [])]

    async def time_comes(self) -> None:
        """The timetable does what is asked by now."""
        jobs = self.own_data.jobs
        for row in await self.shop.rows(Schedule):
            if row.job == own_data.COPY:
                await self.shop.run(partial(self._copy, row))
        await self.shop.run(lambda unit: jobs[own_data.FORGET](unit, {}))

    async def _copy(self, row: Schedule, unit: Unit) -> None:
        await self.own_data.copy(unit, row.payload)
        await schedule.remove(unit, row.id, row.next_run_at)


@pytest.fixture
async def nia(store: Store, tmp_path: Path) -> Visitor:
    return Visitor(await open_shop(store), tmp_path)


@pytest.mark.parametrize(
    ("words", "language", "answer", "buttons"),
    [
        ("delete my data", "en", "I can. Name, contacts and messages go for good", DEEDS),
        ("删掉我的资料", "zh-CN", "可以。姓名、联系方式和聊天记录会彻底删除", ["先导出", "确认删除", "不删了"]),
        ("請刪除我的資料", "zh-TW", "可以。姓名、聯絡方式和對話紀錄會永久刪除", ["先匯出", "確認刪除", "先不要"]),
        ("/forget", "en", "I can. Name", DEEDS),
        ("/mydata", "en", "I keep your name, contacts", DEEDS),
        ("what data do you have about me?", "en", "I keep your name, contacts", DEEDS),
    ],
)
async def test_what_can_be_done_is_offered(
    nia: Visitor, words: str, language: str, answer: str, buttons: list[str]
) -> None:
    assert (await nia.say(words, language)).startswith(answer)
    assert await nia.labels() == buttons


async def test_deleted_once_the_answer_has_been_read(nia: Visitor) -> None:
    await nia.say("my phone is 555canary")
    await nia.say("delete my data")
    await nia.press("Delete")
    assert "are being deleted" in await nia.last()
    await nia.time_comes()
    assert (await nia.shop.rows(Customer))[0].erased_at is None
    nia.shop.now += READING_TIME
    await nia.time_comes()
    (customer,) = await nia.shop.rows(Customer)
    assert customer.erased_at == nia.shop.now
    assert not any(row.text for row in await nia.shop.rows(Touchpoint))
    assert not any(row.job == own_data.FORGET_ASKED for row in await nia.shop.rows(Schedule))
    await nia.say("hi")
    assert len(await nia.shop.rows(Customer)) == 2


async def test_kept_as_it_is(nia: Visitor) -> None:
    await nia.say("/forget")
    await nia.press("Keep")
    assert await nia.last() == "Everything stays as it is."
    nia.shop.pass_time(hours=1)
    await nia.time_comes()
    assert (await nia.shop.rows(Customer))[0].erased_at is None


async def test_an_old_button_deletes_nothing(nia: Visitor) -> None:
    await nia.say("/forget")
    offered = await nia.newest()
    await nia.say("hi")
    press = Press(Sender("web", "nia"), offered.id, 1)
    notice = await nia.shop.run(lambda unit: conversation.press(nia.shop.desk, unit, press))
    stranger = Press(Sender("web", "joe"), offered.id, 1)
    assert notice == await nia.shop.run(lambda unit: conversation.press(nia.shop.desk, unit, stranger))
    nia.shop.pass_time(hours=1)
    await nia.time_comes()
    assert {customer.erased_at for customer in await nia.shop.rows(Customer)} == {None}


async def test_the_copy_comes_as_a_file_before_anything_is_deleted(nia: Visitor) -> None:
    await nia.say("my secret is 4711canary")
    await nia.say("/forget")
    await nia.press("Send me a copy")
    assert await nia.labels() == ["Delete", "Keep"]
    await nia.press("Delete")
    nia.shop.now += READING_TIME
    await nia.shop.run(lambda unit: nia.own_data.forget_asked(unit, {}))
    assert (await nia.shop.rows(Customer))[0].erased_at is None, "the copy is not made yet"
    await nia.time_comes()
    assert (await nia.shop.rows(Customer))[0].erased_at is not None
    assert await nia.shop.rows(StoredFile) == []


async def test_what_the_copy_holds(nia: Visitor) -> None:
    await nia.say("my secret is 4711canary")
    await nia.say("send me a copy of my data")
    await nia.press("Send me a copy")
    await nia.time_comes()
    told = await nia.newest()
    assert (told.kind, told.text) == ("document", "Here is everything we keep about you. Please save it within a day.")
    (row,) = await nia.shop.rows(StoredFile)
    found = await nia.files.find(row.path or "")
    assert found
    data = json.loads(ZipFile(BytesIO(found[0].read_bytes())).read("data.json"))
    assert "my secret is 4711canary" in [each["text"] for each in data["touchpoint"]]
    assert data["stored_file"] == []
    (gone,) = [each for each in await nia.shop.rows(Schedule) if each.job == COPY_GONE]
    assert gone.next_run_at == nia.shop.now + COPY_KEPT
    await nia.shop.run(lambda unit: nia.own_data.copy_gone(unit, gone.payload))
    assert await nia.shop.rows(StoredFile) == []
    assert not found[0].exists()


async def test_a_colleague_who_holds_the_chat_does_not_stand_in_the_way(nia: Visitor) -> None:
    bob = await nia.shop.staff()
    await nia.say("hi")
    await nia.shop.queue_up()
    await nia.shop.act(agent_work.claim, bob)
    assert (await nia.say("/forget")).startswith("I can.")
    await nia.press("Delete")
    nia.shop.now += READING_TIME
    await nia.time_comes()
    assert nia.shop.room.told_of[-1] == ("forgotten", "#1001")


async def test_an_agent_cannot_write_to_somebody_who_was_erased(nia: Visitor) -> None:
    bob = await nia.shop.staff()
    await nia.say("hi")
    person = await nia.shop.run(nia.shop.known)
    await nia.say("/forget")
    await nia.press("Delete")
    nia.shop.now += PATIENCE
    await nia.time_comes()
    erased_address = f"erased:{person.contact.id}"
    for deed in (agent_work.answer, agent_work.note):
        with pytest.raises(ErasedCustomerError):
            await nia.shop.act(deed, bob, "hello?", who=erased_address)


# Why first


async def queued(nia: Visitor, *codes: str, urgent: bool = False, **score: object) -> None:
    async def work(unit: Unit) -> None:
        person = await nia.shop.met(unit)
        if score:
            new_score_for(unit, person, **score)

    await nia.shop.run(work)
    await nia.shop.queue_up("nia", *codes, urgent=urgent)


@pytest.mark.parametrize(
    ("words", "language", "answer", "label"),
    [
        (
            "why was I put first?",
            "en",
            "Your orders are large, and a complaint of yours was open for 4 days.",
            "That's wrong",
        ),
        ("为什么先接待我", "zh-CN", "因为您的订单金额比较大，而且有一条投诉 4 天没处理完。", "不对"),
        ("為什麼先接待我", "zh-TW", "因為您的訂單金額比較大，而且有一件客訴 4 天還沒處理完。", "不正確"),
    ],
)
async def test_why_first_is_answered_openly(nia: Visitor, words: str, language: str, answer: str, label: str) -> None:
    await queued(nia, "vip", "complaint", tier="vip", percentile=99.0)
    nia.shop.pass_time(days=4)
    assert await nia.say(words, language) == answer
    assert await nia.labels() == [label]


async def test_who_was_not_put_first_hears_that(nia: Visitor) -> None:
    assert "nothing of yours has gone to a colleague" in await nia.say("why was i put first")
    await nia.shop.queue_up("nia", "asked_human")
    assert await nia.say("why was i put first") == (
        "You were not put first. It went by how long each person had waited."
    )
    assert await nia.labels() == []


async def test_a_wrong_reason_is_told_to_the_agents(nia: Visitor) -> None:
    await queued(nia, "vip", tier="vip", percentile=99.0)
    await nia.say("why was i put first")
    await nia.press("That's wrong")
    assert await nia.last() == "Thank you for telling me. A colleague will look at it."
    assert ("told", "agent.objection") in nia.shop.room.told_of
    assert "objection" in [row.kind for row in await nia.shop.rows(Touchpoint)]


async def test_an_objection_after_the_matter_was_resolved_comes_into_the_queue(nia: Visitor) -> None:
    bob = await nia.shop.staff()
    await queued(nia, "vip", tier="vip", percentile=99.0)
    await nia.shop.act(agent_work.resolve, bob)
    await nia.say("why was i put first")
    await nia.press("That's wrong")
    waiting = [row for row in await nia.shop.rows(Escalation) if row.state == "waiting"]
    assert [reason["code"] for row in waiting for reason in row.reasons] == ["objection"]
