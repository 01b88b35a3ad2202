"""Customers ask for their data in the chat: a copy, its deletion, and why they came first."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from crm_store.models import Customer, Escalation, Schedule, StoredFile, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.repositories import schedule
from crm_store.store import Store
from crm_store.unit import Unit
from crm_store.vault import Vault
from support.agents import work as agent_work
from support.customers import facts, own_data
from support.customers.copying import copy_bytes, write_copy
from support.customers.erasing import erase
from support.customers.errors import ErasedCustomerError, OwnerChangedError
from support.customers.merging import merge, unmerge
from support.customers.own_data import COPY_GONE, COPY_KEPT, PATIENCE, READING_TIME, OwnData
from support.files import FileStore, Kept
from support.files import record as record_file
from support.talk import conversation
from support.talk.inbound import Inbound, Press, Sender
from tests.support.shop import Room, Shop, new_score_for, open_shop

DEEDS = ["Send me a copy", "Delete", "Keep"]


class Folder(FileStore):
    """A folder in which something else happens as soon as bytes are on the disk, once."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def write(self, kept: Kept, data: bytes) -> None:
        await super().write(kept, data)
        deed, self.meanwhile = self.meanwhile, None
        if deed:
            await deed()


class Visitor:
    """One web visitor, the jobs of the timetable, and what was told."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop, self.folder, self.files = shop, folder / "files", Folder(folder / "files")
        self.own_data = OwnData(shop.desk, self.files)

    async def say(self, text: str, language: str = "en", who: str = "nia") -> str:
        sender = Sender("web", who, client_language=language)
        await self.shop.run(lambda unit: conversation.hear(self.shop.desk, unit, Inbound(sender, text)))
        return await self.last()

    async def press(self, label: str, who: str = "nia") -> str | None:
        offered = await self.newest()
        labels = await self.labels()
        press = Press(Sender("web", who), offered.id, labels.index(label))
        return await self.shop.run(lambda unit: conversation.press(self.shop.desk, unit, press))

    async def newest(self) -> Touchpoint:
        return [row for row in await self.shop.rows(Touchpoint) if row.direction == "out"][-1]

    async def last(self) -> str:
        return (await self.newest()).text or ""

    async def labels(self) -> list[str]:
        return [button["label"] for button in ((await self.newest()).payload or {}).get("buttons", [])]

    def on_disk(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    async def copied(self) -> dict[str, Any]:
        """What the copy holds that was sent."""
        (path,) = self.on_disk()
        found: dict[str, Any] = json.loads(ZipFile(path).read("data.json"))
        return found

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
    assert (told.kind, told.text) == ("document", "Here is a copy of your data. Please save it within a day.")
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


# Records that are taken apart between the wish and the deed


async def merged(nia: Visitor) -> tuple[int, int, int]:
    """Nia's record as part of another customer's, who has a chat of their own; both, and the merge."""
    await nia.shop.hear("their own words", "joe")
    await nia.say("hello there")
    kept, gone = [row.id for row in await nia.shop.rows(Customer)]
    row = await nia.shop.run(lambda unit: merge(unit, kept, gone, None))
    return kept, gone, row.id


async def erased(nia: Visitor) -> set[int]:
    return {row.id for row in await nia.shop.rows(Customer) if row.erased_at}


async def test_whoever_asks_is_deleted_and_not_who_they_were_taken_for(nia: Visitor) -> None:
    _, gone, merge_id = await merged(nia)
    await nia.say("/forget")
    await nia.press("Delete")
    await nia.shop.run(lambda unit: unmerge(unit, merge_id, None))
    nia.shop.pass_time(hours=1)
    await nia.time_comes()
    assert await erased(nia) == {gone}
    assert "their own words" in [row.text for row in await nia.shop.rows(Touchpoint)]


async def test_both_who_asked_are_deleted(nia: Visitor) -> None:
    kept, gone, merge_id = await merged(nia)
    for who in ("joe", "nia"):
        await nia.say("/forget", who=who)
        await nia.press("Delete", who)
    await nia.shop.run(lambda unit: unmerge(unit, merge_id, None))
    nia.shop.pass_time(hours=1)
    await nia.time_comes()
    assert await erased(nia) == {kept, gone}


async def test_records_that_are_taken_apart_in_that_very_moment(nia: Visitor) -> None:
    _, gone, merge_id = await merged(nia)
    await nia.say("/forget")
    await nia.press("Delete")
    nia.shop.pass_time(hours=1)
    nia.shop.desk.room = Meanwhile(lambda: nia.shop.run(lambda unit: unmerge(unit, merge_id, None)))
    await nia.time_comes()
    assert await erased(nia) == {gone}


class Meanwhile(Room):
    """Somebody does something in the middle of an erasure, once."""

    def __init__(self, deed: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._deeds = [deed]

    async def forgotten(self, unit: Unit, person: Person, held: Ticket | None) -> None:
        while self._deeds:
            await self._deeds.pop()()


async def test_a_copy_holds_nothing_of_who_they_were_taken_for(nia: Visitor) -> None:
    _, _, merge_id = await merged(nia)
    await nia.say("/mydata")
    await nia.press("Send me a copy")
    await nia.shop.run(lambda unit: unmerge(unit, merge_id, None))
    await nia.time_comes()
    words = [each["text"] for each in (await nia.copied())["touchpoint"]]
    assert "hello there" in words
    assert "their own words" not in words


async def test_a_copy_that_was_made_as_they_were_taken_apart_is_not_sent(nia: Visitor) -> None:
    _, _, merge_id = await merged(nia)
    await nia.say("/mydata")
    await nia.press("Send me a copy")
    (asked,) = [row for row in await nia.shop.rows(Schedule) if row.job == own_data.COPY]
    nia.files.meanwhile = lambda: nia.shop.run(lambda unit: unmerge(unit, merge_id, None))
    with pytest.raises(OwnerChangedError):
        await nia.shop.run(lambda unit: nia.own_data.copy(unit, asked.payload))
    assert await nia.shop.rows(StoredFile) == []
    assert nia.on_disk() == []
    await nia.time_comes()
    assert "their own words" not in [each["text"] for each in (await nia.copied())["touchpoint"]]


# What goes wrong


async def test_one_who_cannot_be_erased_holds_up_nobody(nia: Visitor) -> None:
    for who in ("ann", "bo"):
        await nia.say("/forget", who=who)
        await nia.press("Delete", who)
    ann, bo = (row.id for row in await nia.shop.rows(Customer))
    lost = Vault("a secret that is gone").encrypt("+49 170 1234567")
    async with nia.shop.store.write() as connection:
        await connection.execute(text("UPDATE customer SET phone = :lost WHERE id = :ann"), {"lost": lost, "ann": ann})
    nia.shop.pass_time(hours=1)
    with capture_logs() as logs:
        await nia.shop.run(lambda unit: nia.own_data.forget_asked(unit, {}))
    assert [each["log_level"] for each in logs if each["event"] == "customer.not_erased"] == ["error"]
    async with nia.shop.store.write() as connection:
        await connection.execute(text("UPDATE customer SET phone = NULL WHERE id = :ann"), {"ann": ann})
    assert await erased(nia) == {bo}
    (waiting,) = [row for row in await nia.shop.rows(Schedule) if row.job == own_data.FORGET_ASKED]
    assert waiting.next_run_at == nia.shop.now + own_data.PUT_OFF
    nia.shop.now += own_data.PUT_OFF
    await nia.time_comes()
    assert await erased(nia) == {ann, bo}


async def test_a_reader_of_the_log_holds_up_nobody(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_store.privacy.traces.CHECKPOINT_SECONDS", 0.001)
    nia = Visitor(await open_shop(sqlite_store), tmp_path)
    for who in ("ann", "bo"):
        await nia.say("/forget", who=who)
        await nia.press("Delete", who)
    nia.shop.pass_time(hours=1)
    async with sqlite_store.apart() as reader:
        await reader.exec_driver_sql("BEGIN")
        await reader.exec_driver_sql("SELECT count(*) FROM customer")
        with capture_logs() as logs:
            await nia.shop.run(lambda unit: nia.own_data.forget_asked(unit, {}))
        await reader.exec_driver_sql("COMMIT")
    assert len(await erased(nia)) == 2
    assert [each["log_level"] for each in logs if each["event"] == "customer.log_not_cut"] == ["warning"]


async def test_a_copy_is_within_reach_before_its_bytes_are_written(nia: Visitor) -> None:
    """If the process dies then, an erasure or the timetable takes them away."""
    await nia.say("/mydata")
    await nia.press("Send me a copy")
    before = len(await nia.shop.rows(Touchpoint))
    left: list[Path] = []

    async def look_and_erase() -> None:
        (path,) = nia.on_disk()
        (gone,) = [each for each in await nia.shop.rows(Schedule) if each.job == COPY_GONE]
        assert [nia.folder / each for each in gone.payload["paths"]] == [path]
        await erase(nia.shop.desk, nia.files, (await nia.shop.rows(Customer))[0].id)
        left.extend(nia.on_disk())

    nia.files.meanwhile = look_and_erase
    await nia.time_comes()
    assert nia.files.meanwhile is None
    assert (left, nia.on_disk(), await nia.shop.rows(StoredFile)) == ([], [], [])
    assert len(await nia.shop.rows(Touchpoint)) == before + 1, "only that they were erased"


async def test_what_is_for_agents_to_read_is_only_in_the_complete_copy(nia: Visitor) -> None:
    bob = await nia.shop.staff()
    await nia.say("hello there")
    await queued(nia, "vip", tier="vip", percentile=99.0)
    person = await nia.shop.run(nia.shop.known)
    kept = await nia.files.keep(b"%PDF notecanary")

    async def note(unit: Unit) -> None:
        them = await nia.shop.known(unit)
        attachment = record_file(unit, them.contact.id, kept, "about them.pdf")
        await agent_work.note(nia.shop.desk, unit, bob, them, "notecanary: rude", attachment)

    await nia.shop.run(note)
    await nia.shop.act(agent_work.answer, bob, "I am on it")
    await nia.shop.act(facts.note, bob, "constraint", "call after six")
    everything = BytesIO()
    await write_copy(nia.shop.store, nia.files, person.customer.id, everything)
    told, _ = await copy_bytes(nia.shop.store, nia.files, person.customer.id, 1_000_000)
    (complete, all_files), (read, files) = opened(everything.getvalue()), opened(told)
    inside = ["score", "order_history", "escalation", "card_snapshot"]
    assert all(complete[name] and not read[name] for name in inside)
    assert "notecanary: rude" in json.dumps(complete)
    assert "notecanary" not in json.dumps(read)
    assert '"vip"' not in json.dumps(read)
    assert (len(all_files), len(files)) == (1, 0)
    assert {"hello there", "I am on it"} <= {each["text"] for each in read["touchpoint"]}
    assert [each["text"] for each in read["fact"]] == ["call after six"]
    assert [each["kind"] for each in read["ticket_event"]] == ["opened", "started", "answered"]
    left_out = read["about"]["left_out"]["in_the_complete_copy_which_the_shop_makes"]
    assert left_out.keys() == {*inside, "score_change", "touchpoint", "ticket_event", "stored_file"}
    assert complete["about"]["left_out"]["in_the_complete_copy_which_the_shop_makes"] == {}


def opened(archive: bytes) -> tuple[dict[str, Any], list[str]]:
    """A copy's data and the names of its files."""
    inside = ZipFile(BytesIO(archive))
    return json.loads(inside.read("data.json")), [name for name in inside.namelist() if name != "data.json"]


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
