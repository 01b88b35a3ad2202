"""Staged rows that cannot be taken over, and why: a reason's code, and the values that its wording needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_store.imports.staging import Staging

ERASED = "erased customer"
"""The one reason that stops nothing: another department's files may name them for years, and are right otherwise."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """`value` is what is wrong, `other` what it clashes with, as far as the reason has them."""

    reason: str
    line: int
    value: str | None
    other: str | None


async def prepare(staged: Staging) -> None:
    await staged.run(
        "CREATE TEMP TABLE bad (number BIGINT NOT NULL, line BIGINT NOT NULL, value TEXT, other TEXT,"
        " reason TEXT NOT NULL, to_tell BOOLEAN NOT NULL)"
    )


async def mark(staged: Staging, reason: str, rows: str, **values: Any) -> None:
    """Marks the rows of a query for `number, line, value, other`."""
    await staged.run(f"INSERT INTO bad SELECT found.*, '{reason}', TRUE FROM ({rows}) AS found", **values)


async def mark_silently(staged: Staging, reason: str, rows: str) -> None:
    """Marks the rows of a query for `number, line`, of which the problem of another row tells already."""
    await staged.run(
        "INSERT INTO bad (number, line, reason, to_tell)"
        f" SELECT found.number, found.line, '{reason}', FALSE FROM ({rows}) AS found"
    )


async def take(staged: Staging, most: int, *, erased: bool) -> tuple[list[BadRow], int]:
    """What was not told yet, in the order of lines and `most` of it, and how much there is: of erased customers only,
    or of all others.
    """
    wanted = f"to_tell AND reason {'=' if erased else '<>'} '{ERASED}'"
    count: int = (await staged.execute(f"SELECT COUNT(*) FROM bad WHERE {wanted}")).scalar_one()
    if not count:
        return [], 0
    found = await staged.execute(
        f"SELECT reason, line, value, other FROM bad WHERE {wanted} ORDER BY line, reason LIMIT :most", most=most
    )
    rows = [BadRow(**row) for row in found.mappings()]
    await staged.run(f"UPDATE bad SET to_tell = FALSE WHERE {wanted}")
    return rows, count


async def drop(staged: Staging) -> int:
    """Leaves the marked rows out; says how many they were."""
    dropped = await staged.run("DELETE FROM staged WHERE number IN (SELECT number FROM bad)")
    await staged.run("DELETE FROM bad")
    return dropped
