"""Rows of one import that speak of the same thing: said again they are dropped, said otherwise they are bad, both."""

from __future__ import annotations

from collections.abc import Sequence

from crm_store.imports import bad_rows
from crm_store.imports.staging import Staging


async def prepare(staged: Staging) -> None:
    await staged.run("CREATE TEMP TABLE repeated (value TEXT PRIMARY KEY, first BIGINT NOT NULL)")


async def fold(staged: Staging, compared: Sequence[str]) -> int:
    """Drops rows that repeat an earlier one with the same external id; says how many.

    Where `compared` columns differ, all rows of that id are bad: which of them is right, nobody here can know.
    """
    if not await _find(staged, "external_id"):
        return 0
    differ = " OR ".join(staged.dialect.differs(f"s.{name}", f"f.{name}") for name in compared)
    await _mark(staged, "external_id", "repeated id", differ)
    return await staged.run(
        "DELETE FROM staged WHERE external_id IN (SELECT value FROM repeated)"
        " AND number NOT IN (SELECT first FROM repeated) AND number NOT IN (SELECT number FROM bad)"
    )


async def refuse(staged: Staging, column: str, reason: str) -> None:
    """Rows that share a value which only one may have are bad, all of them."""
    if await _find(staged, column):
        await _mark(staged, column, reason, "1 = 1")


async def _find(staged: Staging, column: str) -> int:
    await staged.run("DELETE FROM repeated")
    return await staged.run(
        f"INSERT INTO repeated SELECT {column}, MIN(number) FROM staged WHERE {column} IS NOT NULL"
        f" GROUP BY {column} HAVING COUNT(*) > 1"
    )


async def _mark(staged: Staging, column: str, reason: str, differ: str) -> None:
    """Later rows are told, with the line of the first; the others of that value are marked only."""
    await bad_rows.mark(
        staged,
        reason,
        f"SELECT s.number, s.line, s.{column} AS value, CAST(f.line AS TEXT) AS other"
        f" FROM staged AS s JOIN repeated AS r ON r.value = s.{column} JOIN staged AS f ON f.number = r.first"
        f" WHERE s.number > r.first AND ({differ})",
    )
    await bad_rows.mark_silently(
        staged,
        reason,
        f"SELECT s.number, s.line FROM staged AS s WHERE s.number NOT IN (SELECT number FROM bad)"
        f" AND s.{column} IN (SELECT value FROM bad WHERE reason = '{reason}')",
    )
