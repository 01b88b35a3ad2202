"""Imports of files that a test writes down as text, and looking at what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from crm_store.models import Base, Customer
from crm_store.store import Store
from support.imports.files import FileOptions, import_file
from support.imports.kinds import Kind
from support.imports.result import ImportFileError, ImportResult

Row = TypeVar("Row", bound=Base)


class Shop:
    """A store, and a folder for files on their way into it."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder

    async def take(
        self, kind: Kind, content: str | bytes, ending: str = "csv", *, keep_good: bool = False, **options: Any
    ) -> ImportResult:
        path = self.folder / f"{kind}.{ending}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return await import_file(self.store, kind, path, FileOptions(**options), keep_good=keep_good)

    async def refused(self, kind: Kind, content: str | bytes, ending: str = "csv", **options: Any) -> ImportFileError:
        with pytest.raises(ImportFileError) as error:
            await self.take(kind, content, ending, **options)
        return error.value

    async def count(self, table: type[Base]) -> int:
        async with self.store.read() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0

    async def all(self, table: type[Row], order: Any) -> Sequence[Row]:
        async with self.store.read() as session:
            return (await session.scalars(select(table).order_by(order))).all()

    async def customer(self, external_id: str) -> Customer:
        async with self.store.read() as session:
            return (await session.scalars(select(Customer).where(Customer.external_id == external_id))).one()


def places(error: ImportFileError | ImportResult) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in error.problems]
