"""Days whose order of day and month only the whole column tells: settled once all rows are staged."""

from __future__ import annotations

from typing import Literal

from crm_store.imports import bad_rows
from crm_store.imports.staging import Staging


async def settle(staged: Staging, column: str, order: Literal["dmy", "mdy"] | None) -> None:
    """Reads the open dates in this order; without one, their rows are bad.

    A date is open where `column` is NULL: `dmy` then holds what it would be with the day first, `mdy` with the month.
    """
    if order:
        await staged.run(f"UPDATE staged SET {column} = {order} WHERE {column} IS NULL")
        return
    both = "dmy IS NOT NULL AND mdy IS NOT NULL"
    for reason, condition in (("unclear date", both), ("other date", f"NOT ({both})")):
        await bad_rows.mark(
            staged,
            reason,
            f"SELECT number, line, dmy AS value, mdy AS other FROM staged WHERE {column} IS NULL AND {condition}",
        )
