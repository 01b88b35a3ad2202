"""`kill -9` amid two hundred messages: none is lost, none takes effect twice, and every chat stays in order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import select

from bot.sample_shop import SAMPLE
from crm_store.models import ContactPoint, OutboxRow, Touchpoint
from crm_store.store import Store
from faq.entry import FaqEntry
from faq.files import read_faq, write_faq
from handlers.rendering import parts
from support.talk.reply import Reply
from tests.bot_process import start_bot
from tests.dialogues.conftest import TOKEN, free_port
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram

CHATS = 20
MESSAGES = 10
KILLS = 3
SEED = 7


def faq() -> list[FaqEntry]:
    """Ten entries of the sample shop; the whole would be trained at every start."""
    entries = [entry for entry in read_faq(SAMPLE / "faq.yaml") if entry.questions.get("en")]
    return random.Random(SEED).sample(entries, MESSAGES)  # noqa: S311 - the same ten in every run


def questions(entries: Sequence[FaqEntry]) -> list[tuple[str, str]]:
    """Each in the FAQ's own words, and the answer that Telegram shows."""
    return [(e.questions["en"][0], parts(Reply(e.answers["en"], markdown=True))[0][0]) for e in entries]


def start(tg: FakeTelegram, store: Store, tmp_path: Path) -> ForkServerProcess:
    environment = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_BASE": tg.url,
        "DATABASE_URL": store.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a secret for tests",
        "FAQ_FILE": str(tmp_path / "faq.yaml"),
        "FILES_DIR": str(tmp_path / "files"),
        "HTTP_PORT": str(free_port()),
        "SEND_RATE": "0",
        "SEND_RATE_CHAT": "0",
    }
    return start_bot(environment, tmp_path)


async def answered(people: Sequence[Person], count: int, seconds: float = 60) -> None:
    """Waits until customers have seen so many messages of the bot."""
    async with asyncio.timeout(seconds):
        while sum(len(heard(person)) for person in people) < count:
            await asyncio.sleep(0.005)


def heard(person: Person) -> list[str]:
    return [message.text for message in person.messages() if message.by_bot]


async def test_kill_9_amid_200_messages(tg: FakeTelegram, sqlite_store: Store, tmp_path: Path) -> None:
    write_faq(tmp_path / "faq.yaml", entries := faq())
    asked = questions(entries)
    chance = random.Random(SEED)  # noqa: S311 - kills at the same points in every run
    people = [tg.user(1000 + i, f"Customer {i}", language_code="en") for i in range(CHATS)]
    for question, _ in asked:
        for person in people:
            person.say(question)
    total = CHATS * MESSAGES
    for _ in range(KILLS):
        before = sum(len(heard(person)) for person in people)
        process = start(tg, sqlite_store, tmp_path)
        await answered(people, min(total - 1, before + chance.randint(5, 55)))
        process.kill()
        await asyncio.to_thread(process.join)
    assert sum(len(heard(person)) for person in people) < total, "the kills came too late to prove anything"
    process = start(tg, sqlite_store, tmp_path)
    await everything_settled(sqlite_store, total)
    process.terminate()
    await asyncio.to_thread(process.join)
    assert process.exitcode == 0
    await check(sqlite_store, people, asked)


async def everything_settled(store: Store, total: int) -> None:
    async with asyncio.timeout(60):
        while True:
            async with store.read() as session:
                states = Counter(await session.scalars(select(OutboxRow.state)))
            if sum(states.values()) >= total and not states["waiting"] and not states["sending"]:
                return
            await asyncio.sleep(0.05)


async def check(store: Store, people: Sequence[Person], asked: Sequence[tuple[str, str]]) -> None:
    """What was said stands in the ledger once, in order; answers came in order, and extra ones are accounted for."""
    async with store.read() as session:
        said = (
            await session.execute(
                select(ContactPoint.address, Touchpoint.text)
                .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
                .where(Touchpoint.direction == "in")
                .order_by(Touchpoint.id)
            )
        ).all()
        rows = (await session.scalars(select(OutboxRow))).all()
    for person in people:
        assert [text for address, text in said if address == str(person.id)] == [question for question, _ in asked]
        own = [row for row in rows if row.chat_id == person.id]
        assert len(own) == len(asked)
        assert {row.state for row in own} <= {"sent", "uncertain"}
        doubtful = sum(row.repeated or row.state == "uncertain" for row in own)
        seen = heard(person)
        assert len(asked) <= len(seen) <= len(asked) + doubtful
        without_repeats = [text for i, text in enumerate(seen) if i == 0 or text != seen[i - 1]]
        assert without_repeats == [answer for _, answer in asked]
