"""A sender that was only paused finds a later one in its place, and changes nothing that the later one has decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm.exc import StaleDataError

from crm_store.models import OutboxRow
from crm_store.repositories import outbox, settings
from crm_store.repositories.outbox import Settled
from crm_store.store import Store
from tests.workers.line import Post, PostOffice, post_office, refused
from workers import outcomes
from workers.term import Term


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "REPEAT_SECONDS", 0.02)
    monkeypatch.setattr("workers.turns.LOOK_SECONDS", 0.02)


@asynccontextmanager
async def paused_while_another_sends(post: PostOffice, late: tuple[int, str] | None = None) -> AsyncIterator[Term]:
    """An old sender's term, whose first call hangs; in the block a new one has taken over, after it the call returns.

    `late` is how the old call is refused then; None: it was sent.
    """
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hang(came: Post) -> web.StreamResponse:
        arrived.set()
        post.line.answer = post.line.sent
        await go_on.wait()
        return refused(*late) if late else await post.line.sent(came)

    post.line.answer = hang
    async with post.sending() as sender:
        await arrived.wait()
        async with post.sending() as new:
            while new.term is None or new.term.epoch != 2:
                await asyncio.sleep(0.005)
            old = sender.term
            assert old
            yield old
            go_on.set()
            async with asyncio.timeout(5):
                while old._busy:
                    await asyncio.sleep(0.005)


@pytest.mark.parametrize("late", [None, (400, "Bad Request: new to us"), (429, "Too Many")])
@pytest.mark.parametrize(("repeat", "state"), [("never", "uncertain"), ("once", "sent")])
async def test_a_late_result_overwrites_nothing(
    post: PostOffice, repeat: str, state: str, late: tuple[int, str] | None
) -> None:
    await post.put("hello", repeat=repeat)
    async with paused_while_another_sends(post, late):
        await post.settled(state)
        (before,) = await post.rows()
    (row,) = await post.rows()
    assert (row.state, row.epoch, row.message_id, row.error) == (
        before.state,
        before.epoch,
        before.message_id,
        before.error,
    )
    assert len(post.line.posts) == (1 if repeat == "never" else 2)


async def test_a_paused_sender_begins_nothing_more(post: PostOffice) -> None:
    await post.put("under way", repeat="never")
    async with paused_while_another_sends(post) as old:
        await post.settled("uncertain")
        for chat in range(2, 12):
            await post.put(f"to {chat}", chat=chat)
        await post.settled("uncertain", *["sent"] * 10)
        async with asyncio.timeout(5):
            while not old._superseded:
                await post.put("one more", chat=99)
                await asyncio.sleep(0.02)
    rows = await post.rows()
    assert {row.epoch for row in rows[1:] if row.state == "sent"} == {2}
    texts = post.line.texts
    assert len(texts) == len([row for row in rows if row.epoch]), "each once"


async def test_a_sender_whose_place_is_taken_ends_its_term_and_may_be_elected_again(post: PostOffice) -> None:
    old, ending = post.sender(), asyncio.Event()
    first = asyncio.ensure_future(old.run(ending))
    await post.put("one")
    await post.settled("sent")
    async with post.sending() as new:
        async with asyncio.timeout(5):
            while not first.done():
                await post.put("more", chat=2)
                await asyncio.sleep(0.02)
        assert (old.problem, new.problem) == (None, None), "to stand by is no problem"
        await post.settled("sent")
    await post.put("three", chat=3)
    async with post.sending(old):
        await post.settled("sent")
    assert (await post.rows())[-1].epoch == 3
    rows = await post.rows()
    under_way = sum(row.repeated for row in rows)
    assert len(post.line.posts) == len(rows) + under_way, "each once, but for what was under way when the other began"
    assert under_way <= 1


async def test_a_term_ends_at_once_when_it_is_told_to_and_the_next_begins_anew(post: PostOffice) -> None:
    async def unauthorized(_: Post) -> web.StreamResponse:
        return refused(401, "Unauthorized")

    post.line.answer = unauthorized
    await post.put("one")
    sender = post.sender()
    async with post.sending(sender):
        async with asyncio.timeout(5):
            while not sender.problem:
                await asyncio.sleep(0.005)
    assert sender.problem is None, "that is the next one's to find out"
    await sender.fleeting([("sendChatAction", {"chat_id": 1})])
    assert post.line.posts[-1].method == "sendChatAction", "for this nobody need be elected"
    post.line.answer = post.line.sent
    await later_is_now(post)
    async with asyncio.timeout(2), post.sending(sender):
        await post.settled("sent")


async def later_is_now(post: PostOffice) -> None:
    async with post.store.write() as connection:
        await connection.execute(update(OutboxRow).values(not_before=None))


async def test_only_what_waits_is_marked_and_only_by_the_latest(store: Store) -> None:
    async with post_office(store) as post:
        waiting, gone, dropped = [(await post.put("x", chat=chat))[0] for chat in (1, 2, 3)]
        await store.run(lambda unit: settings.next_epoch(unit, 42))
        async with store.write() as connection:
            await connection.execute(delete(OutboxRow).where(OutboxRow.id == gone))
            await connection.execute(update(OutboxRow).where(OutboxRow.id == dropped).values(state="dropped"))
        ids = [waiting, gone, dropped]
        async with store.write() as connection:
            assert await outbox.mark_sending(connection, 42, ids, 0) == set()
            assert await outbox.mark_sending(connection, 42, ids, 2) == set(), "an epoch that nobody was given"
            assert await outbox.mark_sending(connection, 42, ids, 1) == {waiting}
            assert await outbox.mark_sending(connection, 42, ids, 1) == set(), "it is marked already"
        assert await post.states() == ["sending", "dropped"]


async def test_a_mark_holds_up_the_next_sender_until_it_is_written(store: Store) -> None:
    """Else the next one would not see what the former has just begun, and nobody would call it uncertain."""
    async with post_office(store) as post:
        (row_id,) = await post.put("x")
        await store.run(lambda unit: settings.next_epoch(unit, 42))
        async with asyncio.TaskGroup() as tasks:
            async with store.write() as connection:
                assert await outbox.mark_sending(connection, 42, [row_id], 1) == {row_id}
                begins = tasks.create_task(store.run(lambda unit: settings.next_epoch(unit, 42)))
                await asyncio.sleep(0.2)
                assert not begins.done()
            assert await begins == 2
        async with store.read() as session:
            assert [row.id for row in await outbox.left_behind(session, 42, 2)] == [row_id]


async def test_results_are_written_by_the_one_who_holds_the_row(store: Store) -> None:
    async with post_office(store) as post:
        (row_id,) = await post.put("x")
        await store.run(lambda unit: settings.next_epoch(unit, 42))
        async with store.write() as connection:
            await outbox.mark_sending(connection, 42, [row_id], 1)
            await outbox.settle(connection, [Settled(row_id, "sent", {}, 5)], 2)
            await outbox.unmark(connection, [row_id], 2)
        assert await post.states() == ["sending"]
        with pytest.raises(StaleDataError):
            async with store.unit() as unit:
                await outbox.hold(unit, [row_id], 2)
        async with store.write() as connection:
            await outbox.unmark(connection, [row_id], 1)
            await outbox.settle(connection, [Settled(row_id, "sent", {}, 5)], 1)
        (row,) = await post.rows()
        assert (row.state, row.attempts) == ("waiting", 0)


class ErasingStore(Store):
    """Somebody erases a row just before the next write."""

    erase: int | None = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with super().write() as connection:
            if self.erase:
                await connection.execute(delete(OutboxRow).where(OutboxRow.id == self.erase))
                self.erase = None
            yield connection


async def test_words_of_which_some_were_erased_meanwhile_are_not_sent(sqlite_store: Store) -> None:
    """The message that they were to share is put together anew."""
    store = ErasingStore(sqlite_store.url.render_as_string())
    async with post_office(store) as post:
        _, store.erase, _ = await post.put("keep", "erase", "keep too", joinable=True, age=3)
        async with post.sending() as sender:
            await post.settled("sent")
            assert sender.problem is None
        assert post.line.texts == ["keep\nkeep too"]
        assert {row.attempts for row in await post.rows()} == {1}
    await store.close()
