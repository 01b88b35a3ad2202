"""Tables in CSV, read line by line: with commas, semicolons, tabs or bars, whichever the first line has most of."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from faq.problems import UnreadableError
from support.imports.encodings import encoding_of
from support.imports.records import Progress
from support.imports.table import Row, Table, named

if TYPE_CHECKING:
    from _csv import Reader  # the csv module itself does not name it

SEPARATORS = ",;\t|"
LONGEST_LINE = 1 << 20
"""Characters; a longer one is no line of a table, and must not be read whole to find that out."""
ROWS_BETWEEN = 2_000
"""Rows after which the progress is told."""


def open_csv(path: Path, encoding: str | None, progress: Progress) -> Table:
    """`progress` hears how many bytes of how many are read. Raises UnreadableError."""
    found = encoding_of(path, encoding)
    with _reading(path, found) as (reader, _):
        header = [cell.strip() for cell in next(reader, [])]
    guessed = None if encoding or found.startswith("utf") else found
    return Table(header, lambda names: _rows(path, found, [names[name] for name in header], progress), guessed)


def _rows(path: Path, encoding: str, columns: Sequence[str | None], progress: Progress) -> Iterator[Row]:
    """Each with the line on which it begins; blank ones are passed over."""
    size = path.stat().st_size
    with _reading(path, encoding) as (reader, place):
        next(reader, None)
        line = reader.line_num + 1
        for rows, cells in enumerate(reader, 1):
            if any(map(str.strip, cells)):
                yield line, named(columns, cells)
            line = reader.line_num + 1
            if rows % ROWS_BETWEEN == 0:
                progress(place(), size)
    progress(size, size)


@contextmanager
def _reading(path: Path, encoding: str) -> Iterator[tuple[Reader, Callable[[], int]]]:
    with path.open("rb") as raw, TextIOWrapper(raw, encoding, newline="") as file:
        separator = _separator(next(_lines(file), ""))
        file.seek(0)
        reader = csv.reader(_lines(file), delimiter=separator, strict=True)
        try:
            yield reader, raw.tell
        except csv.Error as error:
            raise UnreadableError(max(reader.line_num, 1), f"not CSV: {error}") from error


def _lines(file: TextIOWrapper) -> Iterator[str]:
    """Raises UnreadableError for one that has no end."""
    for number in count(1):
        line = file.readline(LONGEST_LINE)
        if not line:
            return
        if len(line) == LONGEST_LINE:
            raise UnreadableError(number, f"a line of more than {LONGEST_LINE:,} characters; is this CSV?")
        yield line


def _separator(header: str) -> str:
    """The comma where there is a tie, or nothing to separate."""
    return max(SEPARATORS, key=header.count)
