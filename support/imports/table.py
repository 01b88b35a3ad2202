"""A file as a table, whatever its format: the names of its columns, and its rows by whatever names they shall have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

Row = tuple[int, Mapping[str, Any]]
"""The line on which it begins, from 1, and its cells by column."""
Names = Mapping[str, str | None]
"""A file's own column names, and what they shall be called; None: left out."""


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` reads the file from its beginning each time. `guessed` is its encoding, if the file does not prove it.

    Cells under no column's name have the name "". `rows` raises UnreadableError where the file is broken.
    """

    header: Sequence[str]
    rows: Callable[[Names], Iterator[Row]]
    guessed: str | None = None


def named(columns: Sequence[str | None], cells: Sequence[Any]) -> dict[str, Any]:
    """Cells by the names of their columns."""
    row = {name: cell for name, cell in zip(columns, cells, strict=False) if name}
    if len(cells) > len(columns) or "" in columns:
        row[""] = " ".join(_nameless(columns, cells)).strip()
    return row


def _nameless(columns: Sequence[str | None], cells: Sequence[Any]) -> list[str]:
    return [str(cell) for name, cell in zip_longest(columns, cells, fillvalue="") if name == ""]
