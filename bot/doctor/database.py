"""The database: is it there, does it keep what it confirms, has it room, and do schema and key fit?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from bot.doctor.finding import Finding, error, ok, warning
from bot.tables import count
from crm_store.backup.postgres import figures
from crm_store.migrate import ForeignSchemaError, SchemaState, schema_state
from crm_store.queries import upkeep
from crm_store.store import Store
from crm_store.vault import Vault, WrongSecretError

LEAST_ROOM = 200 * 1024 * 1024
"""Bytes free below which a busy day may fill the disk."""
OLDEST_SERVER = 13
"""PostgreSQL's oldest release that the tests' SQL is written for; older ones get no mends any more."""
CONNECTIONS = 40
"""What one process may open at its busiest: 20 to read, 15 to write, its own one to the others, 4 for long work."""
RESERVED = 3
"""PostgreSQL's superuser_reserved_connections, which are nobody else's."""
CLOCKS_APART_SECONDS = 1.0
DURABLE = {
    "fsync": "a power cut loses or breaks what was confirmed",
    "full_page_writes": "a power cut can break the database for good",
    "synchronous_commit": "a crash of the server loses messages that were confirmed to Telegram",
}


async def sqlite(store: Store) -> list[Finding]:
    """How SQLite keeps the file. A large file takes a while: every page is read."""
    file = Path(store.url.database or "")
    async with store.read() as session:
        journal, synchronous = await upkeep.pragma(session, "journal_mode"), await upkeep.pragma(session, "synchronous")
        words = await upkeep.pragma(session, "quick_check(1)")
    return [*_sqlite_durable(journal, synchronous), *sound(words), *_room(file)]


def _sqlite_durable(journal: str, synchronous: str) -> Iterator[Finding]:
    if (journal, synchronous) == ("wal", "2"):
        yield ok("SQLite writes ahead, and every commit is on the disk")
    else:
        yield error(
            f"SQLite's journal is {journal} and synchronous is {synchronous}, not wal and 2",
            "readers and writers wait for each other, or a power cut loses messages",
            "give the service the right to write to the file and its folder, on a local disk (no network share)",
        )


def sound(words: str) -> Iterator[Finding]:
    """Of what SQLite says when it reads every page, or can no longer read one."""
    if words == "ok":
        yield ok("every page of the database reads as it should")
    else:
        yield error(
            f"the database is damaged: {words}",
            "rows may be lost, and the damage may grow",
            "stop the service, keep a copy of the files, and restore the last backup (docs/operations.md)",
        )


def _room(file: Path) -> Iterator[Finding]:
    free, size = shutil.disk_usage(file.parent).free, file.stat().st_size
    if free < LEAST_ROOM:
        yield error(
            f"only {free // 1_000_000} MB are free where the database is",
            "when the disk is full no message can be kept, and Telegram is not answered",
            "make room, or move the database to a larger disk",
        )
    elif free < size:
        yield warning(
            f"the database has {size // 1_000_000} MB, and {free // 1_000_000} MB are free",
            "after an erasure the whole file is written anew beside itself, which takes its size twice",
            "make room, or move the database to a larger disk",
        )
    else:
        yield ok(f"{free // 1_000_000} MB are free where the database is")


async def postgres(store: Store, now: datetime) -> list[Finding]:
    """How the server keeps what it confirms. `now` by this machine's clock."""
    server, _ = await figures(store)
    async with store.read() as session:
        settings = await upkeep.show(session, list(DURABLE))
        there = await upkeep.server_time(session)
    return [
        *_server(server),
        *_durable(settings),
        *_pooled(await upkeep.shares_sessions(store)),
        *_clocks((there - now).total_seconds()),
    ]


async def connections(store: Store, processes: int) -> list[Finding]:
    """Whether PostgreSQL has room for so many processes."""
    async with store.read() as session:
        settings = await upkeep.show(session, ["max_connections"])
    return list(_connections(int(settings["max_connections"]), processes))


def _server(version: int) -> Iterator[Finding]:
    if version < OLDEST_SERVER:
        yield error(f"PostgreSQL is {version}", "it is too old for Touchdesk", f"upgrade to {OLDEST_SERVER} or newer")
    else:
        yield ok(f"PostgreSQL {version}")


def _durable(settings: dict[str, str]) -> Iterator[Finding]:
    wrong = [name for name in DURABLE if settings[name] == "off"]
    for name in wrong:
        yield error(f"PostgreSQL's {name} is off", DURABLE[name], f"ALTER SYSTEM SET {name} = on, and reload")
    if not wrong:
        yield ok("PostgreSQL has every commit on the disk")


def _pooled(shared: bool) -> Iterator[Finding]:
    if shared:
        yield error(
            "a pooler gives one session of PostgreSQL to several connections",
            "a session holds who leads and hears what others commit: two may send at once, or nobody",
            "DATABASE_URL must lead to PostgreSQL itself, or to a pooler in session mode",
        )
    else:
        yield ok("every connection has a session of PostgreSQL's own")


def _connections(most: int, processes: int) -> Iterator[Finding]:
    needed = CONNECTIONS * max(processes, 1) + RESERVED
    if most < needed:
        yield warning(
            f"PostgreSQL's max_connections is {most}",
            f"{count(max(processes, 1), 'busy process', 'busy processes')} may open {CONNECTIONS} each; who gets none "
            "waits, and is turned away in the end",
            f"set max_connections to {needed} or more, and some for yourself",
        )
    else:
        yield ok(f"PostgreSQL takes {most} connections")


def _clocks(seconds: float) -> Iterator[Finding]:
    if abs(seconds) > CLOCKS_APART_SECONDS:
        yield warning(
            f"PostgreSQL's clock is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} this machine's",
            "when jobs are due, and what is shown as the time of a message, follow the machine's clock",
            "let both machines take the time from the network (chrony, systemd-timesyncd)",
        )
    else:
        yield ok("both clocks agree")


async def schema(store: Store) -> Finding:
    try:
        state = await schema_state(store)
    except ForeignSchemaError as problem:
        return error(str(problem), "nothing of ours is in it", "correct DATABASE_URL")
    if state is SchemaState.BEHIND:
        return error(
            "the schema is older than this release", "the service would migrate it at its start", "touchdesk migrate"
        )
    if state is SchemaState.AHEAD:
        return warning(
            "the schema is a newer release's",
            "this release can work with it, and does not know what is new",
            "finish the upgrade on this machine",
        )
    return ok("the schema is this release's")


async def key(store: Store, vault: Vault) -> Finding:
    """Whether SECRET_KEY opens what the oldest and the newest rows hold."""
    async with store.read() as session:
        values = await upkeep.encrypted_values(session)
    try:
        for value in values:
            vault.decrypt(value)
    except WrongSecretError:
        return error(
            "SECRET_KEY does not open every phone and e-mail",
            "cards of these customers cannot be shown, nor the customers erased",
            "put the former key after the new one, with a comma: SECRET_KEY=new,former",
        )
    return ok("SECRET_KEY opens what is encrypted" if values else "nothing is encrypted yet")


async def clock_went_back(store: Store, now: datetime) -> Finding:
    """Ids grow with the clock, and are the order of messages: on PostgreSQL with the server's."""
    async with store.read() as session:
        now = now if store.is_sqlite else await upkeep.server_time(session)
        ahead = await upkeep.newest_id_ms(session) / 1000 - now.timestamp()
    if ahead > CLOCKS_APART_SECONDS:
        return warning(
            f"the newest row was made {ahead:.0f} s from now, by a clock that was ahead",
            "until then new messages may be worked on before older ones",
            "correct the clock, and start the service when that moment has passed",
        )
    return ok("no row is from the future")
