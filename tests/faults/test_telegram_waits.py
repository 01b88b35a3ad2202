"""Telegram's error table: told to wait, refused for the token, polled by another, or not reached at all."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from crm_store.ids import new_id
from crm_store.models import OutboxRow
from crm_store.repositories.lanes import Lane
from crm_store.store import Store
from crm_store.unit import Unit
from tests.dialogues.conftest import Shop, free_port, open_shop
from tests.dialogues.test_sending import not_ready
from tests.dialogues.test_webhook import post, update
from tests.dialogues.test_whole_dialogue import webhook_settings
from tests.faults.at_work import ANSWER, QUESTION, outbox_when, refuse, soon, states
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram
from tests.telegram.waiting import until

LONG = 10_072
"""Seconds; Telegram has been seen to ask for so many."""


async def test_429_with_retry_after(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> None:
    """The time is kept with the row: a restart neither forgets nor shortens it, and others do not wait."""
    async with open_shop(tg, shop_store, tmp_path) as shop:
        nia, kim, ann = (shop.customer(number, name) for number, name in ((101, "Nia"), (102, "Kim"), (103, "Ann")))
        tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": nia.id}, seconds=3)
        tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": kim.id}, seconds=LONG)
        for person, words in ((nia, QUESTION), (kim, QUESTION), (nia, "hi")):
            person.say(words)
        told, _ = await outbox_when(shop, nia, lambda rows: rows[0].not_before and len(rows) == 2)
        await outbox_when(shop, kim, lambda rows: rows[0].not_before)
    async with open_shop(tg, shop_store, tmp_path) as shop:
        ann.say(QUESTION)
        await ann.hears(1)
        heard = await nia.hears(2)
        assert [message.text.startswith(ANSWER) for message in heard] == [True, False]
        assert told.not_before is not None
        assert heard[0].at >= told.not_before.timestamp() >= told.created_at.timestamp() + 3
        assert len(await outbox_when(shop, nia, lambda rows: states(rows) == {"sent"})) == 2
        (row,) = await shop.outbox(kim)
        assert row.not_before is not None
        assert timedelta(seconds=LONG) <= row.not_before - row.created_at < timedelta(seconds=LONG + 60)
        assert (row.state, row.attempts, kim.unheard()) == ("waiting", 0, []), "no failed attempt"


async def test_429_pauses_the_bulk_lane(shop: Shop) -> None:
    """Who is told to wait delays no answer, but every campaign: we send too much."""
    nia, kim, ann = (shop.customer(number, name) for number, name in ((101, "Nia"), (102, "Kim"), (103, "Ann")))
    kim.start()
    await kim.hears(1)
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": nia.id}, seconds=2)
    nia.say(QUESTION)
    (told,) = await outbox_when(shop, nia, lambda rows: rows[0].not_before)

    async def advertise(unit: Unit) -> None:
        payload = {"chat_id": kim.id, "text": "20 % off"}
        row = {"bot_id": 42, "chat_id": kim.id, "method": "sendMessage", "payload": payload, "lane": Lane.CAMPAIGN}
        unit.add(OutboxRow(id=new_id(), created_at=unit.now, **row))
        unit.touch("outbox")

    await shop.store.run(advertise)
    ann.say(QUESTION)
    (answer,) = await ann.hears(1)
    (advertised,) = await kim.hears(1)
    assert told.not_before is not None
    assert answer.at < told.not_before.timestamp() <= advertised.at + 0.1


async def test_429_without_retry_after(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time twice as long, as for a line that is down; others do not wait."""
    soon(monkeypatch, first_backoff=0.2)
    nia, ann = shop.customer(), shop.customer(102, "Ann")
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": nia.id}, times=3)
    began = monotonic()
    nia.say(QUESTION)
    ann.say(QUESTION)
    (anns,) = await ann.hears(1)
    (nias,) = await nia.hears(1)
    assert monotonic() - began >= 0.2 + 0.4 + 0.8
    assert anns.at < nias.at
    (row,) = await outbox_when(shop, nia, lambda rows: states(rows) == {"sent"})
    assert (row.attempts, row.repeated) == (4, False)
    assert not nia.unheard()


@pytest.mark.parametrize(("code", "words"), [(401, "Unauthorized"), (404, "Not Found")])
async def test_401_and_404(shop: Shop, monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    """The token is refused: nothing more is tried, everything is kept, the health page says so, and it ends well."""
    soon(monkeypatch, revoked=1.0)
    nia, ann = shop.customer(), shop.customer(102, "Ann")
    await until(lambda: shop.tg.counters()["calls"].get("getupdates"), 10, lambda: "nobody asks for updates")
    refuse(shop, code, words, "*", times=None)
    nia.say(QUESTION)
    assert words in await not_ready(shop)
    nia.say("hi")
    ann.say(QUESTION)
    for person in (nia, ann):
        await outbox_when(shop, person, lambda rows: states(rows) == {"waiting"})
    assert shop.tg.counters()["calls"]["sendmessage"] == 1
    refuse(shop, code, words, "getUpdates", times=None)
    ann.say("hi")  # ends the poll that waits
    async with asyncio.timeout(5):
        while "BOT_TOKEN is not good" not in await not_ready(shop):
            await asyncio.sleep(0.02)
    shop.tg.heal()
    assert [message.text.startswith(ANSWER) for message in await nia.hears(2)] == [True, False]
    await ann.hears(2)
    await shop.settled()
    assert states([*await shop.outbox(nia), *await shop.outbox(ann)]) == {"sent"}
    assert not [*nia.unheard(), *ann.unheard()]


async def test_409_conflict(shop: Shop) -> None:
    """Another program polls the same bot: ours asks more and more seldom, and answers what it has."""
    nia = shop.customer()
    nia.say(QUESTION)
    await nia.hears(1)
    before = shop.tg.counters()["calls"]["getupdates"]
    refuse(shop, 409, "Conflict: terminated by other getUpdates request", "getUpdates", times=None)
    nia.say("hi")  # ends the poll that waits
    await nia.hears(1)
    await asyncio.sleep(2.5)
    assert 2 <= shop.tg.counters()["calls"]["getupdates"] - before <= 4
    shop.tg.heal()
    nia.say(QUESTION)
    await nia.hears(1)


async def test_not_sent_until_nobody_wants_it(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came too late is not sent at all, and says so."""
    soon(monkeypatch, first_backoff=0.1)
    monkeypatch.setattr("handlers.channel.BOT_WORDS_WANTED_FOR", timedelta(seconds=1))
    nowhere = f"http://127.0.0.1:{free_port()}"
    nia = tg.user(101, "Nia")
    async with open_shop(tg, shop_store, tmp_path, **webhook_settings(), telegram_api_base=nowhere) as shop:
        await post(shop, json.dumps(update(1)).encode())
        (row,) = await outbox_when(shop, nia, lambda rows: states(rows) == {"failed"})
    assert row.attempts >= 2
    assert row.error is not None
    assert row.error.startswith("not sent until ")


@pytest.mark.parametrize("why", ["refused", "dns", "tls"])
async def test_not_sent(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """No connection was made, so nothing was sent: it is tried until it is, and sent once."""
    soon(monkeypatch, first_backoff=0.1)
    hook = webhook_settings()
    bases = {"refused": f"http://127.0.0.1:{free_port()}", "dns": "http://nowhere.invalid"}
    base = bases.get(why, tg.url.replace("http://", "https://"))
    nia = tg.user(101, "Nia", language_code="en")
    async with open_shop(tg, shop_store, tmp_path, **hook, telegram_api_base=base) as shop:
        for number, words in ((1, QUESTION), (2, "hi")):
            assert (await post(shop, json.dumps(update(number, words)).encode()))[0] == 200
        rows = await outbox_when(shop, nia, lambda rows: rows[0].attempts >= 3 and rows[0].state == "waiting")
        assert [(row.state, row.repeated) for row in rows] == [("waiting", False)] * 2
    tg.world.chats[nia.id].status = "member"
    async with open_shop(tg, shop_store, tmp_path) as shop:
        heard = await nia.hears(2, timeout=5)
        assert [message.text.startswith(ANSWER) for message in heard] == [True, False]
        await shop.settled()
        rows = await shop.outbox(nia)
        assert [(row.state, row.repeated) for row in rows] == [("sent", False)] * 2
        assert not nia.unheard()
