"""Tables in XLSX: the first sheet that a person sees. Larger ones than the guard lets through must come as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from faq.problems import UnreadableError
from faq.xlsx_file import sheet_rows
from faq.xlsx_guard import MOST_UNPACKED, measured
from support.imports.records import Progress
from support.imports.table import Names, Row, Table, named

ADVICE = "save it as CSV, which may be of any length"


def open_xlsx(path: Path, progress: Progress) -> Table:
    """`progress` hears when the sheet is read. Raises UnreadableError if it is no workbook of sane size."""
    if path.stat().st_size > MOST_UNPACKED:
        raise UnreadableError(1, f"holds more than {MOST_UNPACKED // 1_000_000} MB; {ADVICE}")
    workbook = measured(path.read_bytes(), ADVICE)
    _, cells = next(sheet_rows(workbook), (1, []))
    header = [cell.strip() for cell in cells]

    def rows(names: Names) -> Iterator[Row]:
        columns = [names[name] for name in header]
        for line, cells in islice(sheet_rows(workbook), 1, None):
            yield line, named(columns, cells)
        progress(1, 1)

    return Table(header, rows)
