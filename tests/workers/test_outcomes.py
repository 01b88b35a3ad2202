"""What Telegram's answers and a broken line mean: nothing sent twice unless uncertain, nothing dropped in silence."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from hypothesis import given
from hypothesis import strategies as st

from workers.api import Answer, BotApi, DownloadError
from workers.outcomes import (
    LONGEST_BACKOFF_SECONDS,
    LONGEST_WAIT_SECONDS,
    PARK_SECONDS,
    READ_TRIES,
    REPEAT_SECONDS,
    Fate,
    Outcome,
    backoff,
    of_reading,
    read_answer,
    read_error,
)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
TOKEN = "42:canary"


def refused(code: int, description: str, **parameters: Any) -> Answer:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    return Answer(code, body | ({"parameters": parameters} if parameters else {}))


def fate(code: int, description: str, **parameters: Any) -> Fate:
    return read_answer(refused(code, description, **parameters), 1).fate


def test_a_message_that_was_sent_has_its_number() -> None:
    outcome = read_answer(Answer(200, {"ok": True, "result": {"message_id": 7, "chat": {"id": 1}}}), 1)
    assert (outcome.fate, outcome.message_id, outcome.error) == (Fate.SENT, 7, None)
    topic = read_answer(Answer(200, {"ok": True, "result": {"message_thread_id": 9, "name": "Nia"}}), 1)
    assert topic.message_id == 9
    assert read_answer(Answer(200, {"ok": True, "result": True}), 1).message_id is None


def test_told_to_wait_is_no_failure() -> None:
    outcome = read_answer(refused(429, "Too Many Requests: retry after 10072", retry_after=10_072), 9)
    assert (outcome.fate, outcome.delay) == (Fate.FLOOD, 10_072)
    assert read_answer(refused(400, "whatever they call it", retry_after=3), 1).delay == 3


def test_told_to_wait_without_a_time_backs_off() -> None:
    delays = [read_answer(refused(429, "Too Many Requests"), attempts).delay for attempts in range(1, 9)]
    assert delays == [5, 10, 20, 40, 80, 160, 300, 300]
    assert read_answer(refused(429, "Flood", retry_after=10**30), 1).delay == LONGEST_WAIT_SECONDS


def test_a_group_that_moved_tells_its_new_id() -> None:
    moved = read_answer(
        refused(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-(10**12)), 1
    )
    assert (moved.fate, moved.migrate_to) == (Fate.MIGRATED, -(10**12))


@pytest.mark.parametrize(
    ("code", "description", "expected"),
    [
        (403, "Forbidden: bot was blocked by the user", Fate.BLOCKED),
        (403, "Forbidden: user is deactivated", Fate.BLOCKED),
        (403, "Forbidden: bot can't initiate conversation with a user", Fate.BLOCKED),
        (400, "Bad Request: chat not found", Fate.BLOCKED),
        (403, "Forbidden: bot was kicked from the supergroup chat", Fate.SHUT_OUT),
        (403, "Forbidden: bot is not a member of the supergroup chat", Fate.SHUT_OUT),
        (403, "Forbidden: the group chat was deleted", Fate.SHUT_OUT),
        (400, "Bad Request: not enough rights to send text messages to the chat", Fate.PARKED),
        (400, "Bad Request: not enough rights to create a topic", Fate.PARKED),
        (400, "Bad Request: have no rights to send a message", Fate.PARKED),
        (400, "Bad Request: need administrator rights in the channel chat", Fate.PARKED),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", Fate.PARKED),
        (400, "Bad Request: message thread not found", Fate.TOPIC_GONE),
        (400, "Bad Request: TOPIC_DELETED", Fate.TOPIC_GONE),
        (400, "Bad Request: TOPIC_CLOSED", Fate.TOPIC_CLOSED),
        (400, "Bad Request: message is not modified: specified new message content …", Fate.SENT),
        (400, "Bad Request: message to edit not found", Fate.DROPPED),
        (400, "Bad Request: message can't be edited", Fate.DROPPED),
        (400, "Bad Request: message to delete not found", Fate.DROPPED),
        (400, "Bad Request: message can't be deleted for everyone", Fate.DROPPED),
        (400, "Bad Request: can't parse entities: Unsupported start tag", Fate.PLAIN),
        (400, "Bad Request: message is too long", Fate.FAILED),
        (400, "Bad Request: message caption is too long", Fate.FAILED),
        (400, "Bad Request: message text is empty", Fate.FAILED),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", Fate.FAILED),
        (400, "Bad Request: file is too big", Fate.FAILED),
        (413, "Request Entity Too Large", Fate.FAILED),
        (400, "Bad Request: something nobody has seen before", Fate.FAILED),
        (401, "Unauthorized", Fate.REVOKED),
        (404, "Not Found", Fate.REVOKED),
        (409, "Conflict: terminated by other getUpdates request", Fate.RETRY),
        (500, "Internal Server Error", Fate.MAYBE),
        (504, "Gateway Timeout", Fate.MAYBE),
    ],
)
def test_each_refusal_is_understood(code: int, description: str, expected: Fate) -> None:
    assert fate(code, description) is expected
    assert fate(code, description.upper()) is expected, "Telegram's own case is not relied on"
    assert read_answer(refused(code, description), 1).error == description, "the exact words are kept"


def test_a_right_that_we_lack_is_asked_for_every_minute() -> None:
    assert read_answer(refused(400, "not enough rights"), 50).delay == PARK_SECONDS <= 60


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Fate.SENT),
        (400, Fate.FAILED),
        (401, Fate.REVOKED),
        (404, Fate.REVOKED),
        (413, Fate.FAILED),
        (429, Fate.FLOOD),
        (500, Fate.MAYBE),
        (502, Fate.MAYBE),
        (302, Fate.MAYBE),
    ],
)
def test_a_page_instead_of_an_answer(status: int, expected: Fate) -> None:
    outcome = read_answer(Answer(status, None), 1)
    assert outcome.fate is expected
    assert outcome.error
    assert read_answer(Answer(status, {"not": "the Bot API"}), 1).fate is expected


def test_what_may_have_arrived_is_repeated_after_a_pause() -> None:
    assert read_answer(Answer(502, None), 1).delay == REPEAT_SECONDS
    assert read_error(TimeoutError(), 1).delay == REPEAT_SECONDS


def test_reading_is_repeated_whatever_came_of_it_but_not_for_ever() -> None:
    maybe = Outcome(Fate.MAYBE, "HTTP 502")
    assert {of_reading(maybe, n).fate for n in range(1, READ_TRIES)} == {Fate.RETRY}
    assert of_reading(maybe, READ_TRIES).fate is Fate.FAILED
    for other in (Outcome(Fate.SENT), Outcome(Fate.FAILED), Outcome(Fate.FLOOD, delay=5)):
        assert of_reading(other, 99) == other


@given(st.integers(max_value=10_000))
def test_a_back_off_is_between_five_seconds_and_five_minutes(attempts: int) -> None:
    assert 5 <= backoff(attempts) <= LONGEST_BACKOFF_SECONDS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
KEYS = ("ok", "result", "error_code", "description", "parameters", "message_id", "retry_after", "migrate_to_chat_id")
BODIES = st.dictionaries(
    st.sampled_from(KEYS), JSON | st.dictionaries(st.sampled_from(KEYS), JSON, max_size=3), max_size=5
)


@given(st.integers(200, 599), st.none() | BODIES, st.integers(0, 100))
def test_no_answer_whatever_surprises_us(status: int, body: dict[str, Any] | None, attempts: int) -> None:
    outcome = read_answer(Answer(status, body), attempts)
    assert 0 <= outcome.delay <= LONGEST_WAIT_SECONDS
    assert outcome.message_id is None or isinstance(outcome.message_id, int)
    if outcome.fate not in (Fate.SENT, Fate.MIGRATED):
        assert outcome.error is not None


# Over a real line


@asynccontextmanager
async def telegram(talk: Talk) -> AsyncIterator[BotApi]:
    """A bare server on a real socket: what it does with a connection is up to the test."""
    talks: list[asyncio.Task[None] | None] = []

    async def remembered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        try:
            await talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(remembered, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with ClientSession() as session:
        yield BotApi(session, TOKEN, f"http://127.0.0.1:{port}")
    server.close()
    await server.wait_closed()
    await asyncio.gather(*filter(None, talks), return_exceptions=True)


async def call(api: BotApi, seconds: float = 5.0) -> Outcome:
    """As the sender does it."""
    try:
        return read_answer(await api.call("sendMessage", {"chat_id": 1, "text": "x"}, seconds=seconds), 1)
    except (ClientError, TimeoutError) as error:
        _must_not_tell(error)
        return read_error(error, 1)


def _must_not_tell(error: Exception) -> None:
    assert "canary" not in f"{error} {error!r}", "no error carries the token"


def saying(body: bytes, status: str = "200 OK") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    return talk


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"}")
    writer.transport.abort()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"}")
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"ok":true,')
    await writer.drain()


async def test_nobody_listens_so_nothing_was_sent() -> None:
    async with telegram(silent) as api:
        pass
    async with ClientSession() as session:
        gone = BotApi(session, TOKEN, api._base.rsplit("/bot", 1)[0])
        outcome = await call(gone)
    assert (outcome.fate, outcome.delay) == (Fate.RETRY, 5)


async def test_no_such_host_so_nothing_was_sent() -> None:
    async with ClientSession() as session:
        assert (await call(BotApi(session, TOKEN, "http://nowhere.invalid"))).fate is Fate.RETRY


async def test_an_address_that_is_none_so_nothing_was_sent() -> None:
    async with ClientSession() as session:
        with pytest.raises(ClientError) as raised:
            await BotApi(session, TOKEN, "nonsense").call("sendMessage", {}, seconds=1)
    assert read_error(raised.value, 1).fate is Fate.RETRY


async def test_no_tls_so_nothing_was_sent() -> None:
    async def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with telegram(no_tls) as api, ClientSession() as session:
        secure = BotApi(session, TOKEN, api._base.rsplit("/bot", 1)[0].replace("http://", "https://"))
        assert (await call(secure)).fate is Fate.RETRY


@pytest.mark.parametrize("talk", [reset, half])
async def test_a_broken_line_after_the_words_may_have_delivered_them(talk: Talk) -> None:
    async with telegram(talk) as api:
        assert (await call(api)).fate is Fate.MAYBE


async def test_no_answer_in_time_may_have_delivered_them() -> None:
    async with telegram(silent) as api:
        assert (await call(api, seconds=0.2)).fate is Fate.MAYBE


async def test_a_gateways_page_may_have_delivered_them() -> None:
    async with telegram(saying(b"<html>502 Bad Gateway</html>", "502 Bad Gateway")) as api:
        assert (await call(api)).fate is Fate.MAYBE


async def test_a_page_that_says_too_large_is_final() -> None:
    async with telegram(saying(b"<html>413</html>", "413 Request Entity Too Large")) as api:
        assert (await call(api)).fate is Fate.FAILED


@pytest.mark.parametrize("gap", ["", " "])
async def test_a_message_number_is_dug_out_of_an_answer_that_broke_off(gap: str) -> None:
    whole = json.dumps({"ok": True, "result": {"message_id": 77, "text": "…" * 50}}, separators=(",", f":{gap}"))
    async with telegram(saying(whole.encode()[:60])) as api:
        outcome = await call(api)
    assert (outcome.fate, outcome.message_id) == (Fate.SENT, 77)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1]", b'{"ok":true,"result":{"message_id":7', b"[" * 100_000])
async def test_an_answer_that_nobody_can_read_was_sent_all_the_same(body: bytes) -> None:
    async with telegram(saying(body)) as api:
        outcome = await call(api)
    assert (outcome.fate, outcome.message_id) == (Fate.SENT, None)


@pytest.mark.parametrize(("status", "found"), [("200 OK", b"data"), ("404 Not Found", None)])
async def test_a_download(status: str, found: bytes | None) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndata".encode())

    async with telegram(talk) as api:
        assert await api.download("photos/1", 4, seconds=5) == found
        assert await api.download("photos/1", 3, seconds=5) is None, "too large"


async def test_a_download_that_fails_does_not_tell_the_token() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async with telegram(talk) as api:
        with pytest.raises(DownloadError) as raised:
            await api.download("photos/1", 4, seconds=5)
    assert "canary" not in repr(raised.value)
