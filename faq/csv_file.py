"""FAQ files in CSV (see faq.rows for the columns), separated by commas; semicolons and tabs are read as well.

Cells that a spreadsheet would run as a formula are written with a leading apostrophe, which reading takes off again, so
that writing, reading and writing gives the same file.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING

from faq.faq_file import FaqFile
from faq.problems import UnreadableError
from faq.rows import Row, read_rows

if TYPE_CHECKING:
    from _csv import Reader  # the csv module itself does not name it

SEPARATORS = ",;\t"
"""What spreadsheets write, depending on the country."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def parse_csv(text: str) -> FaqFile:
    """The entries and everything that is wrong. Raises UnreadableError where the text is no CSV."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    rows = _rows(reader)
    _, header = next(rows, (1, ()))
    return read_rows(header, rows)


def format_csv(rows: Iterable[Row]) -> str:
    """The sheet as a file, the same text for the same rows."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # of RFC 4180; cells with either character are quoted
    writer.writerows(map(_guarded, row) for row in rows)
    return out.getvalue()


def _separator(text: str) -> str:
    """The one that the header uses most: no column's name holds any of them."""
    header = text.partition("\n")[0]
    return max(SEPARATORS, key=header.count)


def _rows(reader: "Reader") -> Iterator[tuple[int, Sequence[str]]]:
    """Each row with the line on which it begins."""
    line = 1
    try:
        for cells in reader:
            yield line, [_unguarded(cell) for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(max(reader.line_num, 1), f"not CSV: {error}") from error


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
