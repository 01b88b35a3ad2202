"""In and out: duplicates, refusals, broken lines, poison, and a stop that finishes what is in hand."""

from __future__ import annotations

import asyncio
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from time import monotonic

import httpx
import pytest
from sqlalchemy import select

from crm_store.models import OutboxRow, Touchpoint
from crm_store.store import Store
from faq.files import write_faq
from support.desk import Desk
from support.talk import conversation
from support.talk.inbound import Inbound
from tests.bot_process import start_bot
from tests.console.shop import FAQ
from tests.dialogues.conftest import AGENT, TOKEN, Shop, fill, free_port, open_shop
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram

QUESTION = "how offen do i descale"


def posted(update_id: int, user_id: int, text: str) -> dict[str, object]:
    user = {"id": user_id, "is_bot": False, "first_name": "Nia", "language_code": "en"}
    chat = {"id": user_id, "type": "private", "first_name": "Nia"}
    message = {"message_id": update_id, "date": 1795299513, "chat": chat, "from": user, "text": text}
    return {"update_id": update_id, "message": message}


async def test_an_update_delivered_five_times_has_one_effect(shop: Shop) -> None:
    nia = shop.customer()
    nia.start()
    await nia.hears(1)
    update = posted(777_000_000, nia.id, QUESTION)
    shop.tg.push([update, update])
    await shop.settled()
    shop.tg.push([update, update, update])
    await shop.settled()
    assert len(nia.unheard()) == 1
    assert [t.text for t in await shop.ledger(nia) if t.direction == "in"] == ["/start", QUESTION]


async def test_one_chat_told_to_wait_holds_up_no_other(shop: Shop) -> None:
    slow, quick = shop.customer(101, "Slow"), shop.customer(102, "Quick")
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": 101}, seconds=2)
    begun = monotonic()
    slow.say(QUESTION)
    quick.say(QUESTION)
    await quick.hears(1)
    assert monotonic() - begun < 1.5
    await slow.hears(1, timeout=6)
    assert monotonic() - begun >= 2
    await shop.settled()
    (row,) = await shop.outbox(slow)
    assert (row.state, row.attempts) == ("sent", 1), "to be told to wait is no failed attempt"


@pytest.mark.parametrize("kind", [Kind.BAD_GATEWAY, Kind.DROP_BEFORE])
async def test_an_answer_that_may_not_have_arrived_is_repeated_once(shop: Shop, kind: Kind) -> None:
    nia = shop.customer()
    shop.tg.fault(kind, "sendMessage")
    nia.say(QUESTION)
    await nia.hears(1, timeout=10)
    await shop.settled()
    (row,) = await shop.outbox(nia)
    assert (row.state, row.repeated) == ("sent", True)


async def test_an_answer_that_arrived_behind_a_broken_line_is_doubled_at_most_once(shop: Shop) -> None:
    nia = shop.customer()
    shop.tg.fault(Kind.DROP_AFTER, "sendMessage", times=2)
    nia.say(QUESTION)
    await shop.settled()
    (row,) = await shop.outbox(nia)
    assert (row.state, row.repeated) == ("uncertain", True)
    assert len(nia.unheard()) == 2


async def test_a_customer_who_blocked_the_bot_is_marked_and_reached_again(shop: Shop) -> None:
    nia = shop.customer()
    nia.start()
    await nia.hears(1)
    shop.tg.fault(Kind.REFUSE, "sendMessage", code=403, description="Forbidden: bot was blocked by the user")
    nia.say(QUESTION)
    await shop.settled()
    assert "blocked" in [t.kind for t in await shop.ledger(nia)]
    nia.say(QUESTION)
    assert await nia.hears(1)


async def test_a_poison_update_blocks_only_itself(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    real = conversation.hear

    async def hear(desk: Desk, unit: object, message: Inbound) -> Touchpoint:
        if message.text == "poison":
            raise ZeroDivisionError("a fault of the program")
        return await real(desk, unit, message)  # type: ignore[arg-type]

    monkeypatch.setattr(conversation, "hear", hear)
    poisoned, other = shop.customer(101, "Pat"), shop.customer(102, "Ola")
    poisoned.say("poison")
    other.say(QUESTION)
    poisoned.say(QUESTION)
    await other.hears(1)
    await poisoned.hears(1)
    (kept,) = await shop.set_aside()
    assert "poison" in kept.body
    assert "ZeroDivisionError" in (kept.error or "")
    assert kept.attempts == 0, "no process ended with it in its hands"


async def test_order_per_chat(shop: Shop) -> None:
    people = [shop.customer(2000 + i, f"C{i}") for i in range(20)]
    for number in range(10):
        for person in people:
            person.say(f"/ticket matter {number}")
    await shop.settled(timeout=30)
    for person in people:
        said = [t.text for t in await shop.ledger(person) if t.direction == "in"]
        assert said == [f"/ticket matter {number}" for number in range(10)]
        told = [message.text for message in person.unheard()]
        assert [next(n for n in range(10) if f"matter {n}" in text) for text in told] == list(range(10))


async def test_telegram_away_at_the_start_keeps_the_web_and_comes_back(
    tg: FakeTelegram, sqlite_store: Store, tmp_path: Path
) -> None:
    await fill(sqlite_store)
    await tg.unplug()
    async with open_shop(tg, sqlite_store, tmp_path) as shop:
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{shop.settings.base_url}/chat")).status_code == 200
        await tg.plug()
        nia = shop.customer()
        nia.say(QUESTION)
        assert await nia.hears(1, timeout=15)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
async def test_a_whole_dialogue_on_postgresql(tg: FakeTelegram, store: Store, tmp_path: Path) -> None:
    await fill(store)
    async with open_shop(tg, store, tmp_path) as shop:
        nia, bob = shop.customer(), shop.agent(AGENT)
        nia.say(QUESTION)
        assert "two to three months" in (await nia.hears(1))[0].text
        topic = await shop.handed_over(nia)
        bob.say_in(shop.group, topic, "How can I help?")
        assert (await nia.hears(2))[-1].text == "How can I help?"
        bob.say_in(shop.group, topic, "/resolve")
        (asked,) = await nia.hears(1)
        assert asked.labels == ["1", "2", "3", "4", "5"]
        nia.press("5")
        await nia.hears(1)
        await shop.settled()
        assert not await shop.set_aside()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"BOT_TOKEN": "42:WRONG"}, "does not know this token"), ({"BOT_TOKEN": "nonsense"}, "BOT_TOKEN")],
)
async def test_a_wrong_token_ends_the_start_with_a_clear_sentence(
    tg: FakeTelegram, tmp_path: Path, change: dict[str, str], sentence: str
) -> None:
    process = start(tg, tmp_path, **change)
    await asyncio.to_thread(process.join, 60)
    assert process.exitcode == 1
    errors = (tmp_path / "stderr").read_text("utf-8")
    assert sentence in errors.strip().splitlines()[-1]
    assert "WRONG" not in errors


async def test_sigterm_finishes_what_is_in_hand(tg: FakeTelegram, sqlite_store: Store, tmp_path: Path) -> None:
    write_faq(tmp_path / "faq.yaml", FAQ)
    url = sqlite_store.url.render_as_string(hide_password=False)
    process = start(tg, tmp_path, DATABASE_URL=url, FAQ_FILE=str(tmp_path / "faq.yaml"))
    people = [tg.user(3000 + i, f"C{i}", language_code="en") for i in range(30)]
    for person in people:
        person.say(QUESTION)
    await people[0].hears(1, timeout=30)
    process.terminate()
    await asyncio.to_thread(process.join, 20)
    assert process.exitcode == 0
    async with sqlite_store.read() as session:
        states = set(await session.scalars(select(OutboxRow.state)))
    assert states <= {"sent", "waiting"}


def start(tg: FakeTelegram, tmp_path: Path, **changes: str) -> ForkServerProcess:
    environment = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": tg.url,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'run.db'}",
        "SECRET_KEY": "a secret for tests",
        "FILES_DIR": str(tmp_path / "files"),
        "HTTP_PORT": str(free_port()),
        "SEND_RATE": "0",
        "SEND_RATE_CHAT": "0",
    }
    return start_bot(environment | changes, tmp_path)
