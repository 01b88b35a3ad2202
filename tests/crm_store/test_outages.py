"""Which errors say that the database cannot be used, and which that a statement or a row is wrong."""

from __future__ import annotations

import asyncio
import errno
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from socket import gaierror
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from crm_store.keepalive import keep_alive
from crm_store.outages import is_conflict, is_outage, raw_errors
from crm_store.store import Store, StoreUnavailableError, availability
from crm_store.wire import Wire
from tests.databases import Databases, opened


class SaidError(Exception):
    """A driver's error with a SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def wrapped(cause: BaseException, kind: type[DBAPIError] = DBAPIError, *, invalidated: bool = False) -> DBAPIError:
    return kind("SELECT", {}, cause, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    "state",
    [
        "08000",
        "08006",
        "53100",
        "53200",
        "53300",
        "57014",
        "57P01",
        "57P03",
        "58000",
        "58030",
        "25006",
        "XX001",
        "XX002",
    ],
)
def test_postgresql_is_out_of_service(state: str) -> None:
    assert is_outage(wrapped(SaidError(state)))
    assert not is_conflict(wrapped(SaidError(state)))


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_postgresql_takes_back(state: str) -> None:
    assert is_conflict(wrapped(SaidError(state)))


@pytest.mark.parametrize("state", ["22012", "22021", "23505", "25001", "42P01", "42601", "XX000", "0A000"])
def test_postgresql_finds_fault_with_a_statement(state: str) -> None:
    error = wrapped(SaidError(state), OperationalError)
    assert not is_outage(error)
    assert not is_conflict(error)


def test_a_connection_that_broke_is_an_outage_whatever_was_said() -> None:
    assert is_outage(wrapped(SaidError("XX000"), invalidated=True))


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        ConnectionResetError(),
        BrokenPipeError(),
        TimeoutError(),
        gaierror(-2, "Name or service not known"),
        OSError(errno.EHOSTUNREACH, "No route to host"),
        OSError(errno.ENETUNREACH, "Network is unreachable"),
        OSError(errno.EMFILE, "Too many open files"),
    ],
)
def test_there_is_no_way_to_the_server(error: OSError) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error", [FileNotFoundError(), PermissionError(), OSError(errno.ENOSPC, "No space left"), OSError("anything")]
)
def test_a_handlers_trouble_with_a_file_is_none_of_the_databases(error: OSError) -> None:
    assert not is_outage(error)


def _full(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count = 2")
    _said_by(connection, "INSERT INTO t VALUES (zeroblob(100000))")


def _locked(path: Path) -> None:
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        _said_by(sqlite3.connect(path, timeout=0), "CREATE TABLE t (x)")
    finally:
        lock.close()


def _read_only(path: Path) -> None:
    sqlite3.connect(path).close()
    path.touch()
    _said_by(sqlite3.connect(f"file:{path}?mode=ro", uri=True), "CREATE TABLE t (x)")


def _no_database(path: Path) -> None:
    path.write_text("a letter " * 1000)
    _said_by(sqlite3.connect(path), "SELECT * FROM t")


def _malformed(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (x)")
    connection.executemany("INSERT INTO t VALUES (?)", [("word" * 500,)] * 50)
    connection.commit()
    connection.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    _said_by(sqlite3.connect(path), "SELECT count(x) FROM t")


def _cannot_be_opened(path: Path) -> None:
    sqlite3.connect(path / "nowhere" / "store.db")


def _said_by(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize("broken", [_full, _locked, _read_only, _no_database, _malformed, _cannot_be_opened])
def test_sqlite_is_out_of_service(tmp_path: Path, broken: Callable[[Path], None]) -> None:
    with pytest.raises(sqlite3.DatabaseError) as raised:
        broken(tmp_path / "store.db")
    assert is_outage(wrapped(raised.value))


@pytest.mark.parametrize("statement", ["SELECT * FROM nothing", "SELEKT", "SELECT abs(-9223372036854775808)"])
def test_sqlite_finds_fault_with_a_statement(statement: str) -> None:
    with pytest.raises(sqlite3.OperationalError) as raised:
        _said_by(sqlite3.connect(":memory:"), statement)
    assert not is_outage(wrapped(raised.value, OperationalError))


def test_what_bears_no_code_is_judged_by_its_kind() -> None:
    assert is_outage(wrapped(OSError("disk I/O error"), OperationalError))
    assert not is_outage(wrapped(ValueError("no number")))


async def test_a_value_that_cannot_be_sent_is_no_outage(databases: Databases) -> None:
    url = await databases.lend()
    async with opened(url) as store:
        with pytest.raises(DBAPIError, match="out of int64 range"):
            async with store.write() as connection:
                await connection.execute(text("SELECT CAST(:n AS BIGINT)"), {"n": 2**70})
    await databases.take_back(url)


async def test_a_connection_that_was_ended_is_an_outage_once(databases: Databases) -> None:
    url = await databases.lend()
    async with opened(url) as store:
        with pytest.raises(StoreUnavailableError):
            async with store.write() as connection:
                own = await connection.scalar(text("SELECT pg_backend_pid()"))
                other = await asyncpg.connect(url)
                await other.execute("SELECT pg_terminate_backend($1, 5000)", own)
                await other.close()
                await connection.execute(text("SELECT 1"))
        async with store.write() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
    await databases.take_back(url)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.InternalClientError("got result for unknown protocol state 3"),
    ],
)
def test_what_the_driver_says_itself_is_an_outage(error: Exception) -> None:
    with pytest.raises(StoreUnavailableError, match=str(error)), availability():
        raise error


@pytest.mark.parametrize("error", [asyncpg.DataError("out of range"), asyncpg.UndefinedTableError("no such table")])
def test_where_the_driver_finds_fault_with_a_statement_itself(error: Exception) -> None:
    with pytest.raises(type(error)), availability():
        raise error


def test_without_the_driver_only_the_system_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "asyncpg")
    assert raw_errors() == (OSError,)
    with pytest.raises(StoreUnavailableError), availability():
        raise ConnectionResetError


@pytest.fixture
async def killed_in(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[str], Awaitable[Store]]]:
    """A store whose next connection the server ends just before it calls this method of the driver."""
    url = await databases.lend()
    store = Store(url)

    async def kill(name: str) -> Store:
        method = getattr(asyncpg.Connection, name)

        async def killed(connection: asyncpg.Connection, *said: Any, **more: Any) -> Any:
            monkeypatch.setattr(asyncpg.Connection, name, method)
            other = await asyncpg.connect(url)
            await other.execute("SELECT pg_terminate_backend($1, 5000)", connection.get_server_pid())
            await other.close()
            return await method(connection, *said, **more)

        monkeypatch.setattr(asyncpg.Connection, name, killed)
        return store

    yield kill
    await store.close()
    await databases.take_back(url)


async def test_a_connection_that_ends_while_it_is_set_up_is_an_outage(killed_in: Any) -> None:
    store = await killed_in("set_type_codec")
    with pytest.raises(StoreUnavailableError):
        await store.ping()
    await store.ping()


async def test_a_wire_that_ends_before_it_listens_is_an_outage(killed_in: Any) -> None:
    wire = Wire(await killed_in("add_listener"), print)
    with pytest.raises(StoreUnavailableError):
        await wire.open()
    assert wire.lost.is_set()
    await wire.close()


@pytest.fixture
def tcp() -> Iterator[socket.socket]:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as server,
        closing(socket.create_connection(server.getsockname())) as connection,
    ):
        yield connection


def test_the_system_asks_whether_the_other_end_lives(tcp: socket.socket) -> None:
    keep_alive(tcp)
    assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    names = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT")
    found = {name: tcp.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names if hasattr(socket, name)}
    assert set(found.items()) <= {
        ("TCP_KEEPIDLE", 5),
        ("TCP_KEEPINTVL", 5),
        ("TCP_KEEPCNT", 2),
        ("TCP_USER_TIMEOUT", 15_000),
    }


def test_a_system_that_has_less_is_asked_for_less(tcp: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TCP_KEEPIDLE", "TCP_USER_TIMEOUT"):
        monkeypatch.delattr(socket, name, raising=False)
    keep_alive(tcp)
    assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


def test_within_one_machine_nobody_needs_to_ask() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with closing(ours), closing(theirs):
        keep_alive(ours)
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0


async def test_every_connection_is_kept_alive(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    monkeypatch.setattr("crm_store.store.keep_alive", lambda connection: kept.append(connection.fileno()))
    url = await databases.lend()
    store = Store(url)
    async with store.reader.connect(), store.writer.connect(), store.apart():
        assert len(set(kept)) == 3
    await store.close()
    await databases.take_back(url)


async def test_who_stops_amid_a_commit_holds_no_row_for_ever(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_store.store.IDLE_MS", 300)
    url = await databases.lend()
    stopped, other = Store(url), Store(url)
    count = text("UPDATE setting SET value = value + 1 WHERE key = 'k' RETURNING value")
    async with other.write() as connection:
        await connection.execute(text("INSERT INTO setting (key, value, version) VALUES ('k', 0, 1)"))
    with pytest.raises(StoreUnavailableError):
        async with stopped.write() as connection:
            await connection.execute(count)
            async with asyncio.timeout(5), other.write() as waiting:
                assert await waiting.scalar(count) == 1
            await connection.execute(count)
    async with stopped.write() as connection:
        assert await connection.scalar(count) == 2
    for store in (stopped, other):
        await store.close()
    await databases.take_back(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres@/shop?host=/nowhere",
        "postgresql://postgres@127.0.0.1:1/shop",
        "postgresql://postgres@nowhere.invalid/shop",
    ],
)
async def test_whatever_keeps_us_from_connecting_is_an_outage(url: str) -> None:
    store = Store(url)
    for attempt in (store.ping, store.apart().__aenter__):
        with pytest.raises(StoreUnavailableError, match=r"the database is unavailable: \S"):
            await attempt()
    await store.close()


async def test_a_database_that_is_not_there_is_an_outage(databases: Databases) -> None:
    url = await databases.lend()
    store = Store(url.replace(url.split("/")[3].split("?")[0], "not_there"))
    with pytest.raises(StoreUnavailableError, match="not_there"):
        await store.ping()
    await store.close()
    await databases.take_back(url)
