"""Updates are in the store before Telegram hears that we have them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from sqlalchemy import Connection, event, select, text

from crm_store.models import InboxRow
from crm_store.store import Store, StoreUnavailableError
from support.meters import Meters
from tests.support.test_meters import figures
from tests.telegram.faults import Kind
from tests.telegram.server import FakeTelegram
from workers import intake as intake_module
from workers.api import Answer, BotApi
from workers.intake import BadUpdateError, Intake, NotKeptError, Webhook, chat_of

TOKEN = "42:TEST"
NIA = {"id": 101, "is_bot": False, "first_name": "Nia"}
PRIVATE = {"id": 101, "type": "private"}
GROUP = {"id": -100_500, "type": "supergroup"}


def update(number: int, words: str = "hi") -> dict[str, Any]:
    message = {"message_id": number, "date": 0, "chat": PRIVATE, "from": NIA, "text": words}
    return {"update_id": number, "message": message}


@dataclass
class Line:
    """A Bot API without a network: gives what it was told to and remembers what it was asked."""

    answers: list[Answer | Exception]
    offsets: list[int | None] = field(default_factory=list)
    methods: list[str] = field(default_factory=list)
    bot_id: int = 42

    async def call(self, method: str, payload: Mapping[str, Any], uploads: object = None, *, seconds: float) -> Answer:
        self.methods.append(method)
        self.offsets.append(payload.get("offset"))
        if not self.answers:
            await asyncio.sleep(3600)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def given(*updates: dict[str, Any]) -> Answer:
    return Answer(200, {"ok": True, "result": list(updates)})


class EnoughError(Exception):
    """Ends an endless loop."""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "FIRST_PAUSE_SECONDS", 0.01)


async def kept(store: Store) -> list[InboxRow]:
    async with store.read() as session:
        return list(await session.scalars(select(InboxRow).order_by(InboxRow.update_id)))


@asynccontextmanager
async def polling(intake: Intake) -> AsyncIterator[None]:
    task = asyncio.ensure_future(intake.poll())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def asked(line: Line, times: int) -> list[int | None]:
    async with asyncio.timeout(5):
        while len(line.offsets) < times:
            await asyncio.sleep(0.01)
    return line.offsets


def intake_of(store: Store, line: Any) -> Intake:
    return Intake(store, line)


# By webhook


async def test_a_posted_update_is_kept_as_it_came(store: Store) -> None:
    body = update(7, "你好 \N{GRINNING FACE} \u0000 \ud800")
    with store.signals.listen("inbox") as changed:
        await intake_of(store, Line([])).accept(json.dumps(body).encode())
        assert await changed.wait(0.01)
    (row,) = await kept(store)
    assert (row.bot_id, row.update_id, row.chat_id, row.state, row.attempts) == (42, 7, 101, "waiting", 0)
    assert json.loads(row.body) == body


async def test_an_update_that_comes_again_is_dropped(store: Store) -> None:
    intake = intake_of(store, Line([]))
    for words in ("first", "again"):
        await intake.accept(json.dumps(update(7, words)).encode())
    (row,) = await kept(store)
    assert "first" in row.body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"update_id": null}',
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": 1.5}',
        b'{"update_id": 1e999}',
        b'{"update_id": 9223372036854775808}',
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused(sqlite_store: Store, body: bytes) -> None:
    with pytest.raises(BadUpdateError, match="no Telegram update"):
        await intake_of(sqlite_store, Line([])).accept(body)
    assert not await kept(sqlite_store)


async def test_a_chat_number_that_the_store_cannot_hold_is_none(sqlite_store: Store) -> None:
    odd = {"update_id": 1, "message": {"chat": {"id": 2**63}, "from": {"id": "101"}}}
    await intake_of(sqlite_store, Line([])).accept(json.dumps(odd).encode())
    assert [row.chat_id for row in await kept(sqlite_store)] == [0]


async def test_what_cannot_be_kept_is_not_accepted(sqlite_store: Store) -> None:
    async with sqlite_store.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO hidden"))
    with pytest.raises(StoreUnavailableError):
        await intake_of(sqlite_store, Line([])).accept(json.dumps(update(7)).encode())


@contextmanager
def commits(store: Store) -> Iterator[list[None]]:
    """One for each commit of the connections that write."""
    counted: list[None] = []

    def count(_: Connection) -> None:
        counted.append(None)

    event.listen(store.writer.sync_engine, "commit", count)
    yield counted
    event.remove(store.writer.sync_engine, "commit", count)


async def test_many_that_are_posted_at_once_share_a_commit(store: Store) -> None:
    intake = intake_of(store, Line([]))
    with commits(store) as counted:
        await asyncio.gather(*(intake.accept(json.dumps(update(n)).encode()) for n in range(40)))
    assert len(counted) <= 2
    assert [row.update_id for row in await kept(store)] == list(range(40))


async def test_one_that_is_posted_twice_at_once_is_kept_once_and_accepted_twice(store: Store) -> None:
    meters = Meters()
    intake = Intake(store, cast(BotApi, Line([])), meters)
    await asyncio.gather(*(intake.accept(json.dumps(update(n)).encode()) for n in (7, 8, 7, 7)))
    assert [row.update_id for row in await kept(store)] == [7, 8]
    found = figures(meters.text())
    assert (found["touchdesk_updates_accepted_total"], found["touchdesk_duplicates_dropped_total"]) == (2, 2)


async def test_if_the_database_fails_nobody_of_a_group_is_accepted(store: Store) -> None:
    intake = intake_of(store, Line([]))
    async with store.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO hidden"))
    posts = [asyncio.ensure_future(intake.accept(json.dumps(update(n)).encode())) for n in range(5)]
    await asyncio.wait(posts)
    assert all(isinstance(post.exception(), StoreUnavailableError) for post in posts)
    async with store.write() as connection:
        await connection.execute(text("ALTER TABLE hidden RENAME TO inbox"))
    await intake.accept(json.dumps(update(7)).encode())
    assert [row.update_id for row in await kept(store)] == [7]


async def test_what_is_no_update_harms_nobody_beside_it(store: Store) -> None:
    intake = intake_of(store, Line([]))
    bodies = [b"[" * 100_000, json.dumps(update(1)).encode(), b"{}"]
    ends = await asyncio.gather(*map(intake.accept, bodies), return_exceptions=True)
    assert [type(end) for end in ends] == [BadUpdateError, type(None), BadUpdateError]
    assert [row.update_id for row in await kept(store)] == [1]


# By asking


async def test_the_offset_moves_only_over_what_is_written(sqlite_store: Store) -> None:
    store = sqlite_store
    async with store.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO hidden"))
    line = Line([given(update(5)), given(update(5)), given(update(5), update(6))])
    intake = intake_of(store, line)
    async with polling(intake):
        assert await asked(line, 2) == [None, None], "what could not be written is asked for again"
        assert intake.problem
        assert "cannot be kept" in intake.problem
        async with store.write() as connection:
            await connection.execute(text("ALTER TABLE hidden RENAME TO inbox"))
        assert (await asked(line, 4))[-1] == 7
        assert intake.problem is None
    assert [row.update_id for row in await kept(store)] == [5, 6]


@pytest.mark.parametrize(
    "odd",
    [
        Answer(200, {"ok": True}),
        Answer(200, {"ok": True, "result": {}}),
        Answer(200, {"ok": True, "result": [update(7), 5]}),
        Answer(200, {"ok": True, "result": [update(7), {"message": {}}]}),
        Answer(200, {"ok": True, "result": [update(2**63)]}),
    ],
)
async def test_an_odd_answer_confirms_nothing_and_ends_nothing(sqlite_store: Store, odd: Answer) -> None:
    line = Line([odd, given(update(8))])
    intake = intake_of(sqlite_store, line)
    async with polling(intake):
        assert (await asked(line, 3)) == [None, None, 9]
        assert intake.problem is None
    assert [row.update_id for row in await kept(sqlite_store)] == [8]


async def test_a_fault_of_ours_confirms_nothing_and_ends_nothing(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> int:
        raise KeyError("chat")

    line = Line([given(update(5)), given(update(5)), given(update(5))])
    intake = intake_of(sqlite_store, line)
    with monkeypatch.context() as patch:
        patch.setattr(intake_module, "chat_of", broken)
        with pytest.raises(NotKeptError, match="cannot be kept: KeyError"):
            await intake.accept(json.dumps(update(4)).encode())
        async with polling(intake):
            assert await asked(line, 2) == [None, None]
    async with polling(intake):
        assert (await asked(line, 4))[-1] == 6
    assert [row.update_id for row in await kept(sqlite_store)] == [5]


async def test_an_id_that_somebody_else_drew_is_drawn_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await intake_of(store, Line([])).accept(json.dumps(update(1)).encode())
    (taken,) = await kept(store)
    drawn = iter([taken.id, taken.id + 1])
    monkeypatch.setattr("crm_store.repositories.inbox.new_id", drawn.__next__)
    await intake_of(store, Line([])).accept(json.dumps(update(2)).encode())
    assert [row.update_id for row in await kept(store)] == [1, 2]


async def test_an_id_that_is_taken_again_and_again_is_not_confirmed(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL numbers them itself."""
    await intake_of(sqlite_store, Line([])).accept(json.dumps(update(1)).encode())
    (taken,) = await kept(sqlite_store)
    monkeypatch.setattr("crm_store.repositories.inbox.new_id", lambda: taken.id)
    with pytest.raises(NotKeptError, match="IntegrityError"):
        await intake_of(sqlite_store, Line([])).accept(json.dumps(update(2)).encode())
    assert [row.update_id for row in await kept(sqlite_store)] == [1]


async def test_a_database_that_does_not_answer_is_given_up_in_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "KEEP_SECONDS", 0.1)

    async def dawdle(*_: object) -> int:
        await asyncio.sleep(60)
        return 0

    with monkeypatch.context() as patch:
        patch.setattr("workers.intake.inbox.accept", dawdle)
        with pytest.raises(StoreUnavailableError, match=r"no answer within 0\.1 seconds"):
            await intake_of(store, Line([])).accept(json.dumps(update(1)).encode())
    await intake_of(store, Line([])).accept(json.dumps(update(1)).encode())
    assert len(await kept(store)) == 1


async def test_numbers_that_start_anew_are_followed(sqlite_store: Store) -> None:
    line = Line([given(update(900)), given(update(3))])
    async with polling(intake_of(sqlite_store, line)):
        assert (await asked(line, 3)) == [None, 901, 4]
    assert [row.update_id for row in await kept(sqlite_store)] == [3, 900]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (TimeoutError(), "cannot be reached"),
        (Answer(502, None), "HTTP 502"),
        (Answer(409, {"ok": False, "error_code": 409, "description": "Conflict"}), "another program polls this bot"),
        (Answer(401, {"ok": False, "error_code": 401, "description": "Unauthorized"}), "BOT_TOKEN is not good"),
        (Answer(429, {"ok": False, "description": "Too Many Requests"}), "Too Many Requests"),
    ],
)
async def test_trouble_is_told_and_asking_goes_on(sqlite_store: Store, problem: Answer | Exception, words: str) -> None:
    said = [AGREED] if words.startswith("another program") else []  # to deleteWebhook
    line = Line([problem, *said, given(update(1))])
    intake = intake_of(sqlite_store, line)
    async with polling(intake):
        await asked(line, 1)
        assert intake.problem
        assert words in intake.problem
        await asked(line, 3 + len(said))
        assert intake.problem is None
    assert len(await kept(sqlite_store)) == 1


async def test_pauses_grow_while_it_lasts(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(intake_module, "FIRST_PAUSE_SECONDS", 1.0)
    monkeypatch.setattr("asyncio.sleep", note)
    line = Line([*(TimeoutError() for _ in range(9)), Answer(502, None), EnoughError()])
    with pytest.raises(EnoughError):
        await intake_of(sqlite_store, line).poll()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


# By which way


AGREED = Answer(200, {"ok": True, "result": True})
TOO_MANY = Answer(429, {"ok": False, "error_code": 429, "description": "Slow", "parameters": {"retry_after": 7}})
WEBHOOK_IS_SET = Answer(409, {"ok": False, "error_code": 409, "description": "Conflict: can't use getUpdates"})
HOOK = Webhook("https://shop.example/telegram/webhook", "secret")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that are not made."""
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(intake_module, "FIRST_PAUSE_SECONDS", 1.0)
    monkeypatch.setattr("asyncio.sleep", note)
    return made


async def test_a_webhook_that_telegram_refuses_is_set_again(sqlite_store: Store, pauses: list[float]) -> None:
    line = Line([TOO_MANY, Answer(502, None), TimeoutError(), AGREED])
    await intake_of(sqlite_store, line).receive(HOOK)
    assert line.methods == ["setWebhook"] * 4
    assert pauses == [7, 2, 4]


async def test_a_refused_webhook_is_a_problem(sqlite_store: Store) -> None:
    intake = intake_of(sqlite_store, Line([TOO_MANY]))
    receiving = asyncio.ensure_future(intake.receive(HOOK))
    async with asyncio.timeout(5):
        while not intake.problem:
            await asyncio.sleep(0.01)
    assert "Slow" in intake.problem
    receiving.cancel()
    await asyncio.wait([receiving])
    assert intake.problem is None, "whoever receives now has problems of their own"


async def test_nothing_is_asked_for_before_the_webhook_is_gone(sqlite_store: Store, pauses: list[float]) -> None:
    line = Line([Answer(502, None), AGREED, given(update(5)), EnoughError()])
    with pytest.raises(EnoughError):
        await intake_of(sqlite_store, line).receive(None)
    assert line.methods == ["deleteWebhook", "deleteWebhook", "getUpdates", "getUpdates"]
    assert pauses == [1]


async def test_a_webhook_that_appears_while_polling_is_removed(sqlite_store: Store, pauses: list[float]) -> None:
    line = Line([AGREED, *[WEBHOOK_IS_SET, AGREED] * 3, given(), EnoughError()])
    with pytest.raises(EnoughError):
        await intake_of(sqlite_store, line).receive(None)
    assert line.methods == ["deleteWebhook", "getUpdates"] * 4 + ["getUpdates"]
    assert pauses == [1, 2, 4], "whatever deleteWebhook says"


async def test_with_the_fake_telegram(sqlite_store: Store) -> None:
    async with FakeTelegram(token=TOKEN) as tg, ClientSession() as session:
        intake = Intake(sqlite_store, BotApi(session, TOKEN, tg.url))
        tg.fault(Kind.BAD_GATEWAY, "getUpdates")
        nia = tg.user(101, "Nia")
        for n in range(5):
            nia.say(f"word {n}")
        async with polling(intake):
            await tg.quiet()
        assert tg.counters()["pending"] == 0
    assert [json.loads(row.body)["message"]["text"] for row in await kept(sqlite_store)] == [
        f"word {n}" for n in range(5)
    ]


# What an update is ordered by


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        ("message", {"chat": PRIVATE, "from": NIA}, 101),
        ("edited_message", {"chat": GROUP, "from": NIA}, -100_500),
        ("channel_post", {"chat": GROUP}, -100_500),
        ("business_message", {"chat": PRIVATE, "from": NIA}, 101),
        ("business_connection", {"id": "x", "user": NIA, "user_chat_id": 101}, 101),
        ("deleted_business_messages", {"chat": PRIVATE}, 101),
        ("message_reaction", {"chat": PRIVATE, "user": NIA}, 101),
        ("message_reaction_count", {"chat": GROUP}, -100_500),
        ("callback_query", {"from": NIA, "message": {"chat": GROUP}}, -100_500),
        ("callback_query", {"from": NIA, "inline_message_id": "x"}, 101),
        ("inline_query", {"from": NIA, "query": "x"}, 101),
        ("chosen_inline_result", {"from": NIA}, 101),
        ("shipping_query", {"from": NIA}, 101),
        ("pre_checkout_query", {"from": NIA}, 101),
        ("purchased_paid_media", {"from": NIA}, 101),
        ("poll", {"id": "1", "question": "x"}, 0),
        ("poll_answer", {"poll_id": "1", "user": NIA}, 101),
        ("poll_answer", {"poll_id": "1", "voter_chat": GROUP}, -100_500),
        ("my_chat_member", {"chat": PRIVATE, "from": NIA}, 101),
        ("chat_member", {"chat": GROUP, "from": NIA}, -100_500),
        ("chat_join_request", {"chat": GROUP, "from": NIA}, -100_500),
        ("chat_boost", {"chat": GROUP}, -100_500),
        ("removed_chat_boost", {"chat": GROUP}, -100_500),
        ("something_new", {"from": NIA}, 101),
        ("something_new", {"message": "text", "chat": 7, "from": []}, 0),
        ("something_new", 7, 0),
    ],
)
def test_an_update_is_ordered_by_its_chat_else_its_person(kind: str, content: Any, expected: int) -> None:
    assert chat_of({"update_id": 1, kind: content}) == expected
