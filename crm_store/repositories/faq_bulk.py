"""A whole FAQ read and written by a few statements, however many entries it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import new_id
from crm_store.models import FaqAnswer, FaqEntryRow, FaqPhrasing
from crm_store.unit import Unit

ENTRY, PHRASING, ANSWER = (cast(Table, table.__table__) for table in (FaqEntryRow, FaqPhrasing, FaqAnswer))
KEPT_WITH_ENTRY = ("category", "form", "variants")


@dataclass(frozen=True, slots=True)
class EntryState:
    """An entry with its content in the shape of a revision's snapshot; `version` is that of its row, 0: none yet."""

    id: str
    position: int
    content: Mapping[str, Any]
    version: int = 0


async def states(unit: Unit) -> dict[str, EntryState]:
    """Every entry, withdrawn ones too, by id."""
    session = unit.session
    found = {
        row.id: EntryState(
            row.id,
            row.position,
            {name: getattr(row, name) for name in KEPT_WITH_ENTRY}
            | {"questions": {}, "answers": {}, "withdrawn": row.withdrawn_at is not None},
            row.version,
        )
        for row in await session.execute(select(*ENTRY.c))
    }
    for row in await session.execute(select(*PHRASING.c).order_by(PHRASING.c.position)):
        if row.entry_id in found:  # a reader's statements are not one moment: it may have come meanwhile
            found[row.entry_id].content["questions"].setdefault(row.language, []).append(row.text)
    for row in await session.execute(select(*ANSWER.c)):
        if row.entry_id in found:
            found[row.entry_id].content["answers"][row.language] = row.text
    return found


async def write(unit: Unit, entries: Sequence[EntryState]) -> None:
    """Makes the entries say this, published, now; begins the unit's transaction. Raises StaleDataError.

    Some thousand entries at a time, as a statement carries only so many parameters.
    """
    known = {entry.id: entry.version for entry in entries if entry.version}
    connection = await unit.session.connection(bind_arguments={"clause": delete(ANSWER)})
    if known:
        await _take(connection, known)
        await connection.execute(delete(PHRASING).where(PHRASING.c.entry_id.in_(known)))
        await connection.execute(delete(ANSWER).where(ANSWER.c.entry_id.in_(known)))
    new = [_row(unit, entry) | {"version": 1} for entry in entries if not entry.version]
    changed = [{f"to_{name}": value for name, value in _row(unit, e).items()} for e in entries if e.version]
    if new:
        await connection.execute(insert(ENTRY), new)
    if changed:
        values: dict[str, Any] = {name.removeprefix("to_"): bindparam(name) for name in changed[0]}
        await connection.execute(update(ENTRY).where(ENTRY.c.id == bindparam("to_id")).values(values), changed)
    for table, rows in ((PHRASING, _phrasings(entries)), (ANSWER, _answers(entries))):
        if rows:
            await connection.execute(insert(table), rows)


async def _take(connection: AsyncConnection, known: Mapping[str, int]) -> None:
    """Locks the rows until the commit; what then has another version was changed since it was read."""
    mine = ENTRY.c.id.in_(known)
    await connection.execute(update(ENTRY).where(mine).values(version=ENTRY.c.version + 1))
    taken = await connection.execute(select(ENTRY.c.id, ENTRY.c.version).where(mine))
    if {entry_id: version - 1 for entry_id, version in taken} != known:
        raise StaleDataError("FAQ entries were changed meanwhile")


def _row(unit: Unit, entry: EntryState) -> dict[str, Any]:
    kept = {name: entry.content[name] for name in KEPT_WITH_ENTRY}
    return kept | {"id": entry.id, "position": entry.position, "withdrawn_at": None, "changed_at": unit.now}


def _phrasings(entries: Sequence[EntryState]) -> list[dict[str, Any]]:
    return [
        {"id": new_id(), "entry_id": entry.id, "language": language, "position": position, "text": text}
        for entry in entries
        for language, texts in entry.content["questions"].items()
        for position, text in enumerate(texts)
    ]


def _answers(entries: Sequence[EntryState]) -> list[dict[str, Any]]:
    return [
        {"entry_id": entry.id, "language": language, "text": text}
        for entry in entries
        for language, text in entry.content["answers"].items()
    ]
