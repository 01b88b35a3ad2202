"""The database's answer is lost, or it is away when results come: what is known is not called uncertain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.ids import new_id
from crm_store.models import OutboxRow, Schedule
from crm_store.repositories import outbox, settings
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from tests.workers.line import Post, PostOffice, ok, post_office, refused


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.term.UNAVAILABLE_SECONDS", 0.01)
    monkeypatch.setattr("workers.term.SETTLE_SECONDS", 0.05)
    monkeypatch.setattr("workers.turns.LOOK_SECONDS", 0.02)


def lost() -> StoreUnavailableError:
    return StoreUnavailableError(ConnectionError("connection was closed in the middle of operation"))


class ShakyStore(Store):
    """May be away, and may lose the answers to its next commits."""

    is_away = False
    lose_writes = lose_units = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        if self.is_away:
            raise lost()
        async with super().write() as connection:
            yield connection
        if self.lose_writes:
            self.lose_writes -= 1
            raise lost()

    async def commit(self, unit: Unit) -> None:
        if self.is_away:
            raise lost()
        await super().commit(unit)
        if self.lose_units:
            self.lose_units -= 1
            raise lost()


@pytest.fixture
async def shaky(store: Store) -> AsyncIterator[ShakyStore]:
    shaky = ShakyStore(store.url.render_as_string(hide_password=False))
    yield shaky
    await shaky.close()


@pytest.fixture
async def post(shaky: ShakyStore) -> AsyncIterator[PostOffice]:
    async with post_office(shaky) as office:
        yield office


async def test_a_mark_whose_commit_is_not_answered_holds_up_nothing(post: PostOffice, shaky: ShakyStore) -> None:
    shaky.lose_writes = 3
    await post.put("first", "second", repeat="never")
    async with post.sending():
        await post.settled("sent")
    assert post.line.texts == ["first", "second"], "in order, each once"
    assert [(row.attempts, row.epoch) for row in await post.rows()] == [(1, 1), (1, 1)]


async def test_a_mark_that_could_not_be_taken_back_is_known_to_the_next_term(
    post: PostOffice, shaky: ShakyStore
) -> None:
    sender = post.sender()
    async with post.sending(sender):
        await post.put("warm up")
        await post.settled("sent")
        shaky.lose_writes = 10**6
        await post.put("first", repeat="never")
        async with asyncio.timeout(5):
            while (await post.states())[-1] == "waiting":
                await asyncio.sleep(0.001)
        shaky.is_away = True
    shaky.is_away, shaky.lose_writes = False, 0
    async with post.sending(sender):
        await post.settled("sent")
    assert post.line.texts == ["warm up", "first"]
    assert (await post.rows())[-1].attempts == 1


async def test_to_take_back_waits_for_a_commit_that_is_still_under_way(store: Store) -> None:
    async with post_office(store) as post:
        (row_id,) = await post.put("x")
        await store.run(lambda unit: settings.next_epoch(unit, 42))

        async def take_back() -> None:
            async with store.write() as connection:
                await outbox.take_back(connection, [row_id], 1)

        async with asyncio.TaskGroup() as tasks, store.write() as connection:
            assert await outbox.mark_sending(connection, 42, [row_id], 1) == {row_id}
            taken = tasks.create_task(take_back())
            await asyncio.sleep(0.1)
            assert not taken.done()
        (row,) = await post.rows()
        assert (row.state, row.attempts) == ("waiting", 0)


async def test_calls_that_are_marked_are_made_though_a_later_term_cannot_be_looked_for(
    post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of two chats is refused to us, and the read that would tell why fails."""
    mark, looks = outbox.mark_sending, 0

    async def mark_one(connection: AsyncConnection, bot_id: int, ids: list[int], epoch: int) -> set[int]:
        return await mark(connection, bot_id, ids[:1], epoch)

    async def look(session: AsyncSession, bot_id: int, epoch: int) -> bool:
        nonlocal looks
        looks += 1
        raise lost()

    monkeypatch.setattr(outbox, "mark_sending", mark_one)
    monkeypatch.setattr(outbox, "is_latest", look)
    for chat in (1, 2):
        await post.put(f"to {chat}", chat=chat, repeat="never")
    async with post.sending():
        await post.settled("sent")
    assert looks
    assert sorted(post.line.texts) == ["to 1", "to 2"]


@asynccontextmanager
async def away_while_answered(post: PostOffice, shaky: ShakyStore) -> AsyncIterator[None]:
    """The database goes while every call is under way; in the block it is away and the answers have come."""
    arrived, go_on, answer = asyncio.Event(), asyncio.Event(), post.line.answer

    async def dawdle(came: Post) -> web.StreamResponse | None:
        arrived.set()
        await go_on.wait()
        return await answer(came)

    post.line.answer = dawdle
    async with asyncio.TaskGroup() as tasks:
        ended = tasks.create_task(_when(arrived, shaky, go_on))
        yield
        await ended
    post.line.answer = answer


async def _when(arrived: asyncio.Event, shaky: ShakyStore, go_on: asyncio.Event) -> None:
    await arrived.wait()
    await asyncio.sleep(0.1)
    shaky.is_away = True
    go_on.set()


async def test_what_could_not_be_written_is_known_to_the_sender_s_next_term(
    post: PostOffice, shaky: ShakyStore
) -> None:
    async def answer(came: Post) -> web.StreamResponse:
        return refused(400, "Bad Request: new to us") if came.text == "refused" else await post.line.sent(came)

    post.line.answer = answer
    sender = post.sender()
    for chat, text in enumerate(("agent's words", "bot's answer", "refused"), start=1):
        await post.put(text, chat=chat, repeat="once" if chat == 2 else "never")
    async with away_while_answered(post, shaky), post.sending(sender):
        await asyncio.sleep(0.3)
    assert await post.states() == ["sending"] * 3
    shaky.is_away = False
    async with post.sending(sender):
        await post.settled("sent", "sent", "failed")
    assert len(post.line.posts) == 3, "each once"
    assert [row.message_id is not None for row in await post.rows()] == [True, True, False]


async def test_what_a_later_sender_has_taken_over_stays_what_that_made_of_it(
    post: PostOffice, shaky: ShakyStore
) -> None:
    sender = post.sender()
    await post.put("agent's words", repeat="never")
    async with away_while_answered(post, shaky), post.sending(sender):
        await asyncio.sleep(0.3)
    shaky.is_away = False
    async with post.sending():
        await post.settled("uncertain")
    async with post.sending(sender):
        await post.put("more", chat=2)
        await post.settled("uncertain", "sent")
    assert len(post.line.posts) == 2


async def test_a_stop_waits_some_seconds_for_the_database(
    post: PostOffice, shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.term.SETTLE_SECONDS", 5.0)
    await post.put("agent's words", repeat="never")
    async with away_while_answered(post, shaky), post.sending():
        await asyncio.sleep(0.2)
        asyncio.get_running_loop().call_later(0.3, setattr, shaky, "is_away", False)
    assert await post.states() == ["sent"]


async def test_a_fetched_file_whose_unit_is_not_answered_is_kept(post: PostOffice, shaky: ShakyStore) -> None:
    async def where(_: Post) -> web.StreamResponse:
        shaky.lose_units = 1
        return ok({"file_id": "f", "file_path": "photos/1"})

    post.line.answer = where
    post.line.files["1"] = (200, b"a picture")
    await post.put("", payload={"file_id": "f"}, chat=0, method="getFile", continuation="file_fetched")
    async with post.sending():
        await post.settled("sent")
        await asyncio.sleep(0.1)
    assert shaky.lose_units == 0
    assert len(post.followed) == 1
    async with shaky.read() as session:
        assert not (await session.scalars(select(Schedule))).all()


async def test_words_of_another_bot_are_not_joined(post: PostOffice, shaky: ShakyStore) -> None:
    await post.put("ours", "ours too", joinable=True, age=3)
    async with shaky.unit() as unit:
        payload = {"chat_id": 1, "text": "another's"}
        row = OutboxRow(id=new_id(), bot_id=7, chat_id=1, method="sendMessage", payload=payload, created_at=unit.now)
        row.joinable = True
        unit.add(row)
    async with post.sending():
        await post.settled("sent", "sent", "waiting")
    assert post.line.texts == ["ours\nours too"]
