"""A customer's rows as plain values, table by table, for the copy they may ask for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import StoredFile
from crm_store.privacy.finding import own_files, table
from crm_store.privacy.register import HOLDINGS, Holding
from crm_store.privacy.whose import Whose

Rows = list[dict[str, Any]]


class FileRow(NamedTuple):
    """A file to put beside the rows; `path` is None where the bytes are not here."""

    id: int
    name: str | None
    kind: str
    path: str | None
    size: int | None


async def read_rows(session: AsyncSession, whose: Whose, *, internal: bool = True) -> dict[str, Rows]:
    """All of theirs by table, the oldest first; encrypted columns readable. Tables without a row are there, empty.

    Without what is `internal`, only what a customer may read in the chat.
    """
    return {
        holding.name: await _rows(session, holding, _theirs(holding, whose, internal))
        for holding in HOLDINGS
        if not holding.not_copied
    }


def _theirs(holding: Holding, whose: Whose, internal: bool) -> ColumnElement[bool]:
    found = own_files(whose) if holding.model is StoredFile else holding.of(whose)
    return found if internal or holding.internal is None else found & ~holding.internal.of(whose)


async def _rows(session: AsyncSession, holding: Holding, found: ColumnElement[bool]) -> Rows:
    source = table(holding.model)
    columns = [column for column in source.columns if column.name not in holding.hidden]
    query = select(*columns).where(found).order_by(*source.primary_key)
    found_rows = (await session.execute(query)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in found_rows]


def _plain(value: Any) -> Any:
    """As JSON has it. Numbers beyond 2^53 are written in full: whoever reads them must not round them."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def read_files(session: AsyncSession, whose: Whose, *, internal: bool = True) -> list[FileRow]:
    """The oldest first."""
    columns = [getattr(StoredFile, name) for name in FileRow._fields]
    (holding,) = (each for each in HOLDINGS if each.model is StoredFile)
    query = select(*columns).where(_theirs(holding, whose, internal)).order_by(StoredFile.id)
    return [FileRow(*row) for row in await session.execute(query)]
