"""A dump of a PostgreSQL database by pg_dump, the one program that knows how; never one older than the server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from crm_store.backup.placing import NotBackedUpError, Progress, into_place
from crm_store.store import Store

LOOK_SECONDS = 0.5
"""Between two looks at how far the dump is."""
FIGURES = """
SELECT current_setting('server_version_num')::int / 10000 AS server, pg_database_size(current_database()) AS size
"""


class DumpFailedError(NotBackedUpError):
    """pg_dump said why."""

    def __init__(self, program: str, words: str) -> None:
        super().__init__(f"{program} failed: {words.strip() or 'it did not say why'}")


class NoDumpProgramError(NotBackedUpError):
    """PostgreSQL's own program is not on this machine, or older than the server."""

    def __init__(self, found: int | None, server: int, command: str) -> None:
        there = f"the pg_dump on this machine is of PostgreSQL {found}" if found else "there is no pg_dump here"
        super().__init__(
            f"{there}, and the server is {server}: run this where version {server} is installed:\n  {command}"
        )


async def figures(store: Store) -> tuple[int, int]:
    """The server's major version, and the size of the database in bytes. Raises StoreUnavailableError."""
    async with store.read() as session:
        server, size = (await session.execute(text(FIGURES))).one()
    return server, size


async def dump_postgres(url: URL, server: int, size: int, target: Path, progress: Progress) -> None:
    """Dumps the database in pg_dump's own packed format, and reads the dump to its end.

    `server` and `size` as `figures` has them. Raises NotBackedUpError and OSError.
    """
    dump = shutil.which("pg_dump")
    found = await _version(dump) if dump else None
    if dump is None or found is None or found < server:
        raise NoDumpProgramError(found, server, _command(url, target))
    environment = {**os.environ, **_connection(url)}
    with into_place(target) as part:
        words = [dump, "--format=custom", "--no-password", f"--file={part}"]
        await _run(words, environment, lambda: progress(part.stat().st_size, size))
        await _run([str(Path(dump).with_name("pg_restore")), f"--file={os.devnull}", str(part)], environment)


async def _version(program: str) -> int | None:
    """A program's major version, such as 16."""
    process = await asyncio.create_subprocess_exec(program, "--version", stdout=PIPE)
    words, _ = await process.communicate()
    number = re.search(rb"\) (\d+)", words)
    return int(number[1]) if number else None


async def _run(words: list[str], environment: Mapping[str, str], look: Callable[[], None] = lambda: None) -> None:
    process = await asyncio.create_subprocess_exec(*words, env=environment, stderr=PIPE)
    try:
        async with asyncio.TaskGroup() as tasks:
            said = tasks.create_task(process.communicate())
            while not said.done():
                await asyncio.wait([said], timeout=LOOK_SECONDS)
                look()
    finally:
        if process.returncode is None:
            process.terminate()
    if process.returncode:
        raise DumpFailedError(Path(words[0]).name, said.result()[1].decode(errors="replace"))


def _connection(url: URL) -> dict[str, str]:
    """The address in the environment, because anybody on the machine can read a command's words.

    The names are libpq's: https://www.postgresql.org/docs/current/libpq-envars.html
    """
    query = {name: value if isinstance(value, str) else value[0] for name, value in url.query.items()}
    given = {
        "PGHOST": query.get("host") or url.host,
        "PGPORT": query.get("port") or url.port,
        "PGUSER": query.get("user") or url.username,
        "PGPASSWORD": query.get("password") or url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": query.get("sslmode") or query.get("ssl"),
    }
    return {name: str(value) for name, value in given.items() if value}


def _command(url: URL, target: Path) -> str:
    address = url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)
    return f"pg_dump --format=custom --file={target.name} '{address}'"
