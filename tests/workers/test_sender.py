"""What was decided is sent: in order per chat, once unless uncertain, and nothing is lost on the way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.models import OutboxRow, Schedule
from crm_store.repositories.files import DISCARD
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from support.files import FilesUnavailableError
from tests.workers.line import UNPACED, Post, PostOffice, ok, post_office, refused
from workers import outcomes
from workers.api import Upload
from workers.outcomes import Outcome
from workers.sender import Sender
from workers.turns import SLOTS

GROUP = -100_500


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_BACKOFF_SECONDS", "REPEAT_SECONDS", "PARK_SECONDS"):
        monkeypatch.setattr(outcomes, name, 0.02)
    monkeypatch.setattr("workers.term.UNAVAILABLE_SECONDS", 0.01)


# Marks, slots and order


async def test_a_row_is_marked_before_its_call_and_settled_after_it(post: PostOffice) -> None:
    seen: list[tuple[str, int | None, int]] = []

    async def look(arrived: Post) -> web.StreamResponse:
        (row,) = await post.rows()
        seen.append((row.state, row.epoch, row.attempts))
        return await post.line.sent(arrived)

    post.line.answer = look
    await post.put("hello")
    async with post.sending():
        await post.settled("sent")
    assert seen == [("sending", 1, 1)]
    (row,) = await post.rows()
    assert (row.message_id, row.error) == (1001, None)


async def test_no_more_rows_are_marked_than_there_are_slots(post: PostOffice) -> None:
    go_on = asyncio.Event()

    async def hold(arrived: Post) -> web.StreamResponse:
        await go_on.wait()
        return await post.line.sent(arrived)

    post.line.answer = hold
    for chat in range(1, 3 * SLOTS):
        await post.put(f"to {chat}", chat=chat)
    async with post.sending():
        while len(post.line.posts) < SLOTS:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert (await post.states()).count("sending") == len(post.line.posts) == SLOTS
        go_on.set()
        await post.settled("sent")
    assert post.line.most_under_way == SLOTS
    assert len(post.line.posts) == 3 * SLOTS - 1


async def test_each_chat_gets_its_words_in_order(post: PostOffice) -> None:
    async def dawdle(arrived: Post) -> web.StreamResponse:
        await asyncio.sleep(random.random() / 100)  # noqa: S311
        return await post.line.sent(arrived)

    post.line.answer = dawdle
    for n in range(5):
        for chat in (1, 2, 3, GROUP):
            await post.put(f"{chat}: {n}", chat=chat)
    async with post.sending():
        await post.settled("sent")
    for chat in (1, 2, 3, GROUP):
        assert [t for t in post.line.texts if t.startswith(f"{chat}:")] == [f"{chat}: {n}" for n in range(5)]


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: refused(429, "Too Many Requests", retry_after=1),
        lambda: refused(429, "Too Many Requests"),
        lambda: refused(400, "Bad Request: not enough rights"),
        lambda: refused(409, "Conflict"),
        lambda: refused(500, "Internal Server Error"),
        lambda: web.Response(status=502, text="<html>"),
        lambda: None,
    ],
)
async def test_a_chat_waits_behind_its_head_and_others_do_not(mail: PostOffice, trouble: object) -> None:
    await mail.put("1: a", "1: b", "1: c", chat=1)
    await mail.put("2: a", "2: b", chat=2)
    first = True

    async def once(arrived: Post) -> web.StreamResponse | None:
        nonlocal first
        if arrived.text == "1: a" and first:
            first = False
            assert callable(trouble)
            answer: web.StreamResponse | None = trouble()
            return answer
        return await mail.line.sent(arrived)

    mail.line.answer = once
    async with mail.sending():
        await mail.settled("sent")
    assert [t for t in mail.line.texts if t.startswith("1")] == ["1: a", "1: a", "1: b", "1: c"]
    assert mail.line.texts.index("2: b") < len(mail.line.texts) - 1, "the other chat did not wait"


async def test_a_row_is_not_sent_before_its_time(mail: PostOffice) -> None:
    (row_id,) = await mail.put("later")
    async with mail.store.write() as connection:
        later = mail.store.clock().replace(year=2100)
        await connection.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(not_before=later))
    await mail.put("now", chat=2)
    async with mail.sending():
        await mail.settled("waiting", "sent")
    assert mail.line.texts == ["now"]


# What may have arrived


@pytest.mark.parametrize(("repeat", "state", "tries"), [("once", "uncertain", 2), ("never", "uncertain", 1)])
async def test_what_may_have_arrived_is_repeated_once_or_never(
    post: PostOffice, repeat: str, state: str, tries: int
) -> None:
    async def break_off(_: Post) -> None:
        return None

    post.line.answer = break_off
    await post.put("was it there?", repeat=repeat)
    async with post.sending():
        await post.settled(state)
    assert len(post.line.posts) == tries


@pytest.mark.parametrize(("repeat", "state", "tries"), [("once", "sent", 2), ("never", "uncertain", 1)])
async def test_only_the_next_epoch_calls_a_killed_call_uncertain(
    post: PostOffice, repeat: str, state: str, tries: int
) -> None:
    arrived, for_ever = asyncio.Event(), asyncio.Event()

    async def hang(_: Post) -> None:
        arrived.set()
        await for_ever.wait()

    post.line.answer = hang
    await post.put("under way", repeat=repeat)
    killed = asyncio.ensure_future(post.sender().run(asyncio.Event()))
    await arrived.wait()
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    for_ever.set()
    assert await post.states() == ["sending"], "nobody calls it anything yet"
    post.line.answer = post.line.sent
    async with post.sending():
        await post.settled(state)
    (row,) = await post.rows()
    assert len(post.line.posts) == tries
    assert row.epoch == (2 if repeat == "once" else 1)


async def test_what_another_epoch_sends_now_is_left_alone(mail: PostOffice) -> None:
    (row_id,) = await mail.put("another's")
    async with mail.store.write() as connection:
        values = {"state": "sending", "epoch": 10**6}
        await connection.execute(update(OutboxRow).where(OutboxRow.id == row_id).values(values))
    async with mail.sending():
        await mail.put("mine", chat=2)
        await mail.settled("sending", "sent")


async def test_a_stop_waits_for_the_calls_under_way(post: PostOffice) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hold(came: Post) -> web.StreamResponse:
        arrived.set()
        await go_on.wait()
        return await post.line.sent(came)

    post.line.answer = hold
    await post.put("last words", "not begun")
    async with post.sending():
        await arrived.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    assert await post.states() == ["sent", "waiting"]


class FlakyStore(Store):
    """Cannot write while `trouble` lasts."""

    trouble = 0

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        if self.trouble:
            self.trouble -= 1
            raise StoreUnavailableError(OSError("locked"))
        async with super().write() as connection:
            yield connection

    async def commit(self, unit: Unit) -> None:
        if self.trouble:
            self.trouble -= 1
            raise StoreUnavailableError(OSError("locked"))
        await super().commit(unit)


@pytest.mark.parametrize("refuse_second", [False, True])
async def test_results_that_cannot_be_written_are_written_later(sqlite_store: Store, refuse_second: bool) -> None:
    store = FlakyStore(sqlite_store.url.render_as_string())
    async with post_office(store) as mail:

        async def break_store(arrived: Post) -> web.StreamResponse:
            store.trouble = 5
            if refuse_second and arrived.text == "b":
                return refused(400, "Bad Request: something new")
            return await mail.line.sent(arrived)

        mail.line.answer = break_store
        await mail.put("a", "b", "c", chat=1)
        await mail.put("d", chat=2)
        async with mail.sending():
            await mail.settled("sent", "failed" if refuse_second else "sent", "sent", "sent")
    await store.close()
    assert sorted(mail.line.texts) == ["a", "b", "c", "d"], "nothing twice, nothing lost"


# Refusals


async def test_a_refused_token_stops_all_and_keeps_the_queue(mail: PostOffice) -> None:
    async def unauthorized(_: Post) -> web.StreamResponse:
        return refused(401, "Unauthorized")

    mail.line.answer = unauthorized
    await mail.put("one", chat=1)
    async with mail.sending() as sender:
        while not sender.problem:
            await asyncio.sleep(0.01)
        for chat in range(2, 6):
            await mail.put("more", chat=chat)
        await asyncio.sleep(0.1)
        assert await mail.states() == ["waiting"] * 5
        assert len(mail.line.posts) == 1
        assert "refuses the token" in str(sender.problem)
        mail.line.answer = mail.line.sent
        assert sender.term
        sender.term._turns.halt(0.0)
        await mail.settled("waiting", "sent", "sent", "sent", "sent")
        assert sender.problem is None


@pytest.mark.parametrize(
    ("code", "description", "state"),
    [
        (403, "Forbidden: bot was blocked by the user", "failed"),
        (403, "Forbidden: bot was kicked from the supergroup chat", "failed"),
        (400, "Bad Request: message to edit not found", "dropped"),
        (400, "Bad Request: message is not modified", "sent"),
        (400, "Bad Request: nobody knows this", "failed"),
    ],
)
async def test_what_is_never_to_be_sent_is_kept_with_its_error(
    mail: PostOffice, code: int, description: str, state: str
) -> None:
    async def refuse(_: Post) -> web.StreamResponse:
        return refused(code, description)

    mail.line.answer = refuse
    await mail.put("x")
    async with mail.sending():
        await mail.settled(state)
    (row,) = await mail.rows()
    assert row.error == description
    assert len(mail.line.posts) == 1


async def test_a_group_where_we_may_not_write_is_parked_and_asked_again(mail: PostOffice) -> None:
    async def refuse(_: Post) -> web.StreamResponse:
        return refused(400, "Bad Request: not enough rights to send text messages to the chat")

    mail.line.answer = refuse
    await mail.put("a", "b", chat=GROUP)
    async with mail.sending():
        while len(mail.line.posts) < 3:
            await asyncio.sleep(0.01)
        assert set(mail.line.texts) == {"a"}
        mail.line.answer = mail.line.sent
        await mail.settled("sent")
    assert mail.line.texts[-2:] == ["a", "b"]


async def test_a_right_that_is_given_is_used_at_once_and_lifts_no_flood_limit(
    mail: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "PARK_SECONDS", 60.0)

    async def refuse(came: Post) -> web.StreamResponse:
        if came.params["chat_id"] == GROUP:
            return refused(400, "Bad Request: CHAT_WRITE_FORBIDDEN")
        return refused(429, "Too Many Requests: retry after 60", retry_after=60)

    mail.line.answer = refuse
    await mail.put("a", "b", chat=GROUP)
    await mail.put("flooded", chat=GROUP - 1)
    async with mail.sending():
        while not all(row.not_before for row in await mail.rows() if row.payload.get("text") != "b"):
            await asyncio.sleep(0.01)
        mail.line.answer = mail.line.sent
        mail.store.signals.send(["outbox"])
        await asyncio.sleep(0.1)
        assert await mail.states() == ["waiting"] * 3
        mail.store.signals.send(["standing"])
        await mail.settled("sent", "sent", "waiting")
        mail.line.answer = refuse
        await mail.put("c", chat=GROUP)
        while len(mail.line.posts) < 5:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        mail.line.answer = mail.line.sent
        mail.store.signals.send(["standing"])
        await mail.settled("sent", "sent", "waiting", "sent")
    assert mail.line.texts.count("flooded") == 1


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        (lambda: refused(429, "Too Many Requests: retry after 1", retry_after=1), 0),
        (lambda: refused(429, "Too Many Requests"), 1),
        (lambda: refused(400, "Bad Request: not enough rights"), 0),
        (lambda: refused(409, "Conflict"), 1),
    ],
)
async def test_only_a_failed_try_makes_the_next_pause_longer(
    mail: PostOffice, monkeypatch: pytest.MonkeyPatch, answer: Callable[[], web.StreamResponse], attempts: int
) -> None:
    monkeypatch.setattr(outcomes, "FIRST_BACKOFF_SECONDS", 60.0)
    monkeypatch.setattr(outcomes, "PARK_SECONDS", 60.0)

    async def refuse(_: Post) -> web.StreamResponse:
        return answer()

    mail.line.answer = refuse
    await mail.put("x")
    async with mail.sending():
        while not (await mail.rows())[0].not_before:
            await asyncio.sleep(0.005)
    (row,) = await mail.rows()
    assert (row.state, row.attempts) == ("waiting", attempts)


async def test_entities_that_are_refused_are_left_out(mail: PostOffice) -> None:
    async def fussy(arrived: Post) -> web.StreamResponse:
        if "entities" in arrived.params:
            return refused(400, "Bad Request: can't parse entities: offset 5 is outside")
        return await mail.line.sent(arrived)

    mail.line.answer = fussy
    payload = {"chat_id": 1, "text": "bold", "entities": [{"type": "bold", "offset": 0, "length": 99}]}
    await mail.put("", payload=payload)
    async with mail.sending():
        await mail.settled("sent")
    assert [post.text for post in mail.line.posts] == ["bold", "bold"]


# Joined words, references


async def test_words_of_one_topic_that_waited_share_a_message(post: PostOffice) -> None:
    def to(topic: int, text: str) -> dict[str, object]:
        return {"chat_id": GROUP, "message_thread_id": topic, "text": text}

    for topic, text in [(7, "a"), (7, "b"), (7, "c"), (8, "d"), (7, "e")]:
        await post.put("", payload=to(topic, text), chat=GROUP, joinable=True, age=3)
    async with post.sending():
        await post.settled("sent")
    assert post.line.texts == ["a\nb\nc", "d", "e"]
    assert [row.message_id for row in await post.rows()] == [1001, 1001, 1001, 1002, 1003]


async def test_fresh_words_and_words_that_do_not_fit_are_not_joined(mail: PostOffice) -> None:
    await mail.put("a", "b", chat=1, joinable=True)
    await mail.put("x" * 4000, "y" * 95, "z", chat=2, joinable=True, age=3)
    await mail.put("😀" * 2000, "12345", "no more", chat=3, joinable=True, age=3)
    async with mail.sending():
        await mail.settled("sent")
    lengths = {chat: [len(p.text.encode("utf-16-le")) // 2 for p in mail.line.posts if p.params["chat_id"] == chat]
               for chat in (1, 2, 3)}  # fmt: skip
    assert lengths == {1: [1, 1], 2: [4096, 1], 3: [4000 + 1 + 5 + 1 + 7]}


async def test_numbers_that_were_not_known_yet_are_filled_in(post: PostOffice) -> None:
    async def with_topics(arrived: Post) -> web.StreamResponse:
        if arrived.method == "createForumTopic":
            return ok({"message_thread_id": 77, "name": "Nia", "icon_color": 0})
        return await post.line.sent(arrived)

    post.line.answer = with_topics
    (made,) = await post.put("", payload={"chat_id": GROUP, "name": "Nia"}, chat=GROUP, method="createForumTopic",
                             continuation="topic_made")  # fmt: skip
    card = {"chat_id": GROUP, "text": "card", "message_thread_id": -made}
    (said,) = await post.put("", payload=card, chat=GROUP)
    edit = {"chat_id": GROUP, "text": "card again", "message_id": -said}
    await post.put("", payload=edit, chat=GROUP, method="editMessageText")
    async with post.sending():
        await post.settled("sent")
    assert post.line.posts[1].params["message_thread_id"] == 77
    assert post.line.posts[2].params["message_id"] == 1002
    assert post.followed == [(made, "sent", {"message_thread_id": 77, "name": "Nia", "icon_color": 0})]


async def test_of_what_was_sent_only_the_address_is_kept(mail: PostOffice) -> None:
    """A card shows what is encrypted where it is kept; what failed can be sent again."""

    async def answer(arrived: Post) -> web.StreamResponse:
        return refused(400, "Bad Request: no") if arrived.text == "refused" else await mail.line.sent(arrived)

    mail.line.answer = answer
    card = {"chat_id": 1, "text": "Phone: +49 170 1234567", "message_thread_id": 7, "reply_markup": {"a": "b"}}
    await mail.put("", payload=card)
    await mail.put("", payload=card, continuation="topic_made")
    await mail.put("refused")
    async with mail.sending():
        await mail.settled("sent", "sent", "failed")
    assert [row.payload for row in await mail.rows()] == [
        {"chat_id": 1, "message_thread_id": 7},
        {"chat_id": 1, "message_thread_id": 7},
        {"chat_id": 1, "text": "refused"},
    ]
    assert mail.line.texts[0] == "Phone: +49 170 1234567"


async def test_words_about_a_message_that_was_never_sent_are_given_up(mail: PostOffice) -> None:
    async def refuse(arrived: Post) -> web.StreamResponse:
        return refused(400, "Bad Request: no") if arrived.text == "first" else await mail.line.sent(arrived)

    mail.line.answer = refuse
    (first,) = await mail.put("first")
    edited = {"chat_id": 1, "text": "edited", "message_id": -first}
    (edit,) = await mail.put("", payload=edited, method="editMessageText")
    await mail.put("goes on")
    async with mail.sending():
        await mail.settled("failed", "failed", "sent")
    assert mail.line.texts == ["first", "goes on"]
    assert mail.followed[-1] == (edit, "lost", None), "somebody may have to hear of it"
    assert (await mail.rows())[1].error == f"refers to call {first}, which was not sent"


# Files


async def test_a_file_is_sent_along(mail: PostOffice, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"bytes")
    mail.folder.there[5] = Upload(path, "receipt.pdf", "application/pdf")
    payload = {"chat_id": 1, "document": "attach://document", "caption": "here"}
    await mail.put("", payload=payload, method="sendDocument", files={"document": 5})
    async with mail.sending():
        await mail.settled("sent")
    (arrived,) = mail.line.posts
    assert arrived.files == {"document": b"bytes"}
    assert arrived.params == {"chat_id": "1", "document": "attach://document", "caption": "here"}


async def test_a_file_that_is_not_there_fails_without_a_call(mail: PostOffice) -> None:
    await mail.put("", payload={"chat_id": 1}, method="sendDocument", files={"document": 5})
    async with mail.sending():
        await mail.settled("failed")
    assert not mail.line.posts


async def test_a_store_that_cannot_say_where_a_file_is_is_asked_again(mail: PostOffice, tmp_path: Path) -> None:
    mail.folder.error = StoreUnavailableError(OSError("locked"))
    await mail.put("", payload={"chat_id": 1}, method="sendDocument", files={"document": 5})
    async with mail.sending():
        await asyncio.sleep(0.1)
        (tmp_path / "x").write_bytes(b"bytes")
        mail.folder.error, mail.folder.there[5] = None, Upload(tmp_path / "x", "x", "text/plain")
        await mail.settled("sent")
    assert len(mail.line.posts) == 1


async def test_a_file_is_fetched_and_kept(post: PostOffice) -> None:
    async def where(_: Post) -> web.StreamResponse:
        return ok({"file_id": "f", "file_path": "photos/1"})

    post.line.answer = where
    post.line.files["1"] = (200, b"a picture")
    (row_id,) = await post.put("", payload={"file_id": "f"}, chat=0, method="getFile", continuation="file_fetched")
    async with post.sending():
        await post.settled("sent")
    assert post.folder.kept == [b"a picture"]
    assert post.followed == [(row_id, "sent", {"path": "kept/1"})]


async def test_a_folder_that_is_full_is_tried_again_until_it_is_not(mail: PostOffice) -> None:
    async def where(_: Post) -> web.StreamResponse:
        return ok({"file_id": "f", "file_path": "photos/1"})

    mail.line.answer = where
    mail.line.files["1"] = (200, b"a picture")
    mail.folder.error = FilesUnavailableError(OSError(28, "No space left on device"))
    await mail.put("", payload={"file_id": "f"}, chat=0, method="getFile", continuation="file_fetched")
    async with mail.sending():
        while len(mail.line.posts) <= outcomes.READ_TRIES:
            assert await mail.states() != ["failed"]
            await asyncio.sleep(0.01)
        assert (await mail.rows())[0].error == "the folder of files cannot be written: No space left on device"
        mail.folder.error = None
        await mail.settled("sent")
    assert mail.folder.kept == [b"a picture"]


# What follows a result may be at fault


async def at_fault(_unit: Unit, row: OutboxRow, _outcome: Outcome) -> None:
    if row.payload.get("text") != "fine":
        raise KeyError("a word of the customer's")


@pytest.mark.parametrize(
    ("answer", "state", "said"),
    [
        (lambda: refused(400, "moved", migrate_to_chat_id=-7), "failed", "moved; then KeyError test_sender.py:"),
        (lambda: refused(403, "Forbidden: bot was blocked"), "failed", "blocked; then KeyError test_sender.py:"),
        (lambda: None, "uncertain", "ServerDisconnectedError; then KeyError test_sender.py:"),
        (lambda: ok({"message_thread_id": 77}), "sent", "sent; then KeyError test_sender.py:"),
    ],
)
async def test_a_fault_in_what_follows_settles_that_row_alone(
    post: PostOffice, answer: Callable[[], web.StreamResponse | None], state: str, said: str
) -> None:
    async def odd(arrived: Post) -> web.StreamResponse | None:
        return await post.line.sent(arrived) if arrived.text == "fine" else answer()

    post.line.answer = odd
    await post.put("odd", repeat="never", continuation="topic_made")
    await post.put("fine", "fine", continuation="topic_made")
    async with post.sending(Sender(post.store, post.api, UNPACED, post.folder, at_fault)):
        await post.settled(state, "sent", "sent")
    first = (await post.rows())[0]
    assert said in (first.error or "")
    assert "word" not in (first.error or "")
    assert post.line.texts == ["odd", "fine", "fine"]


async def test_a_file_that_nobody_could_take_is_thrown_away(post: PostOffice) -> None:
    async def where(_: Post) -> web.StreamResponse:
        return ok({"file_id": "f", "file_path": "photos/1"})

    post.line.answer = where
    post.line.files["1"] = (200, b"a picture")
    await post.put("", payload={"file_id": "f"}, chat=0, method="getFile", continuation="file_fetched")
    async with post.sending(Sender(post.store, post.api, UNPACED, post.folder, at_fault)):
        await post.settled("sent")
    async with post.store.read() as session:
        (job,) = await session.scalars(select(Schedule))
    assert (job.job, job.payload) == (DISCARD, {"paths": ["kept/1"]})


async def test_a_file_that_was_erased_while_it_was_fetched_is_thrown_away(post: PostOffice) -> None:
    async def where(_: Post) -> web.StreamResponse:
        async with post.store.write() as connection:
            await connection.execute(delete(OutboxRow))
        return ok({"file_id": "f", "file_path": "photos/1"})

    post.line.answer = where
    post.line.files["1"] = (200, b"a picture")
    await post.put("", payload={"file_id": "f"}, chat=0, method="getFile", continuation="file_fetched")
    async with post.sending():
        async with asyncio.timeout(5):
            while not (asked := await discarding(post.store)):
                await asyncio.sleep(0.005)
    assert [row.payload for row in asked] == [{"paths": ["kept/1"]}]
    assert post.folder.kept == [b"a picture"]
    assert post.followed == []


async def discarding(store: Store) -> list[Schedule]:
    async with store.read() as session:
        return list(await session.scalars(select(Schedule).where(Schedule.job == DISCARD)))


async def test_a_download_that_fails_is_tried_again_and_one_that_is_gone_is_not(mail: PostOffice) -> None:
    async def where(arrived: Post) -> web.StreamResponse:
        return ok({"file_path": f"photos/{arrived.params['file_id']}"})

    mail.line.answer = where
    mail.line.files = {"shaky": (502, b""), "gone": (404, b"")}
    for name in ("shaky", "gone"):
        await mail.put("", payload={"file_id": name}, chat=0, method="getFile", continuation="file_fetched")
    async with mail.sending():
        while len(mail.line.posts) < 2:
            await asyncio.sleep(0.005)
        mail.line.files["shaky"] = (200, b"at last")
        await mail.settled("sent", "failed")
    assert mail.folder.kept == [b"at last"]
    assert mail.followed[-1][1] == "failed"


async def test_a_file_server_that_never_answers_does_not_block_the_next_file(mail: PostOffice) -> None:
    async def where(arrived: Post) -> web.StreamResponse:
        return ok({"file_path": f"photos/{arrived.params['file_id']}"})

    mail.line.answer = where
    mail.line.files = {"bad": (502, b""), "good": (200, b"good")}
    for name in ("bad", "good"):
        await mail.put("", payload={"file_id": name}, chat=0, method="getFile", continuation="file_fetched")
    async with mail.sending():
        await mail.settled("failed", "sent")
    assert len(mail.line.posts) == outcomes.READ_TRIES + 1


# What is not kept


async def test_answers_to_presses_go_at_once_and_may_fail(mail: PostOffice) -> None:
    async def late(_: Post) -> web.StreamResponse | None:
        return refused(400, "Bad Request: query is too old") if len(mail.line.posts) == 1 else None

    mail.line.answer = late
    await mail.sender().fleeting([("answerCallbackQuery", {"id": "1"}), ("sendChatAction", {"chat_id": 1})])
    assert [arrived.method for arrived in mail.line.posts] == ["answerCallbackQuery", "sendChatAction"]
    async with mail.store.read() as session:
        assert not (await session.scalars(select(OutboxRow))).all()
