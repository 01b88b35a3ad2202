"""Which schema keeps a service from being ready, and what `migrate` says of it."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.readiness import problems
from crm_store.store import Store
from tests.bot.conftest import Run


@pytest.mark.parametrize(
    ("version", "problem"),
    [("0003", "the database schema is not current"), ("9999", ""), ("abcdef", "none of Touchdesk's")],
)
async def test_a_newer_schema_is_ready_and_an_older_or_foreign_one_is_not(
    sqlite_store: Store, version: str, problem: str
) -> None:
    stopping = asyncio.Event()
    assert await problems(sqlite_store, None, stopping) == []
    async with sqlite_store.write() as connection:
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")
    found = await problems(sqlite_store, None, stopping)
    assert len(found) == bool(problem)
    assert all(problem in words for words in found)


def test_a_newer_schema_is_told_and_left(shop: Path, run: Run) -> None:
    assert run("migrate").out == "sqlite: the schema is current\n"
    with closing(sqlite3.connect(shop / "shop.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert run("migrate") == (0, "sqlite: the schema is a newer release's, and stays as it is\n", "")
