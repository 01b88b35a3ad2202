"""Rows as they come, made into rows as they are staged; what is wrong with them is noted by line and field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crm_store.imports.staging import StagedRow
from support.imports import fields
from support.imports.days import Dates, Read
from support.imports.fields import FieldError
from support.imports.kinds import KindOfRows
from support.imports.result import Problems

Rows = Iterable[tuple[int, Mapping[str, Any]]]
"""Each with its line, or its place in a list, from 1; cells by our own column names, as text or as JSON has them."""


class RowReader:
    """Reads the rows of one import; afterwards `dates` knows what its column of dates can be."""

    def __init__(self, kind: KindOfRows, dates: Dates, problems: Problems) -> None:
        self.kind = kind
        self.dates = dates
        self.problems = problems
        self.refused = 0
        self.read = 0

    def staged(self, rows: Rows) -> Iterator[StagedRow]:
        """The good ones."""
        for line, cells in rows:
            self.read += 1
            noted = self.problems.count
            found, attributes = self._cells(line, cells)
            if self.problems.count > noted:
                self.refused += 1
            else:
                yield (self.read, line, *self.kind.stage(found, attributes))

    def _cells(self, line: int, cells: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """What the row says in our columns and in others, as far as it is right."""
        found: dict[str, str] = {}
        attributes: dict[str, str] = {}
        for name, value in cells.items():
            try:
                text = fields.text(value)
                if text:
                    self._read(name, text, found, attributes)
            except FieldError as error:
                self.problems.note(line, name, str(error))
                found[name] = ""
        for name in self.kind.needed:
            if name not in found:
                self.problems.note(line, name, "is missing")
        return found, attributes

    def _read(self, name: str, text: str, found: dict[str, str], attributes: dict[str, str]) -> None:
        if name not in self.kind.fields:
            attributes[_attribute(name)] = text
        elif name == self.kind.date:
            _keep(found, name, self.dates.read(text))
        else:
            read = self.kind.fields[name]
            found[name] = read(text) if read else text


def _keep(found: dict[str, str], name: str, read: Read) -> None:
    """Under the names of the staging table's columns; the date itself is empty as long as it is open."""
    found[name] = read.clear or ""
    if read.clear is None:
        found.update({order: text for order, text in (("dmy", read.dmy), ("mdy", read.mdy)) if text})


def _attribute(name: str) -> str:
    """Raises FieldError for a cell under no column's name."""
    if not name:
        raise FieldError("has a cell under no column's name")
    return fields.text(name)
