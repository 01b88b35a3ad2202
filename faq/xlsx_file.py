"""FAQ files in XLSX (see faq.rows for the columns): the first sheet that a person sees.

Written cells are plain text, and so are those that somebody fills in afterwards: nothing becomes a formula, a number, a
date or a link. Read cells are what a person sees in them; of a formula, its last result.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)
from xlsxwriter import Workbook

from faq.faq_file import FaqFile
from faq.problems import FaqFileError, Problem, UnreadableError
from faq.rows import Row, read_rows
from faq.xlsx_guard import MOST_ROWS, measured

Value = str | float | bool | date | time | timedelta

WIDTHS = {"id": 22, "category": 14, "language": 10, "question": 48, "answer": 72, "form": 30, "variants": 30}
"""In characters, so that a screen shows the columns beside each other."""
MADE_AT = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed moment in the file's properties, so that the same FAQ is the same file."""


def parse_xlsx(content: bytes) -> FaqFile:
    """The entries and everything that is wrong. Raises UnreadableError if the content is no workbook of sane size."""
    rows = sheet_rows(measured(content))
    line, header = next(rows, (1, []))
    return read_rows(header, rows, line)


def sheet_rows(workbook: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of the first sheet that a person sees, from line 1, without the blank ones.

    Raises UnreadableError. The workbook must have been measured (faq.xlsx_guard).
    """
    try:
        with load_workbook(BytesIO(workbook)) as opened:
            for line, cells in enumerate(_first_sheet(opened).iter_rows(), 1):
                row = list(map(shown, cells))
                if any(cell.strip() for cell in row):
                    yield line, row
    except CalamineError as error:
        raise UnreadableError(1, f"not a whole .xlsx file: {error}") from error


def _first_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    for sheet in workbook.sheets_metadata:
        if (sheet.typ, sheet.visible) == (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible):
            return workbook.get_sheet_by_name(sheet.name)
    raise UnreadableError(1, "there is no sheet to be seen")


def shown(value: Value) -> str:
    """A cell's value as a sheet shows it; dates in ISO, as the format of the cell is not known."""
    match value:
        case str():
            return value
        case bool():
            return str(value).upper()
        case float() | int():
            return f"{value:.15g}"  # the digits that a spreadsheet keeps
        case _:
            return _shown_time(value)


def _shown_time(value: date | time | timedelta) -> str:
    """Seconds are left out where they are none."""
    match value:
        case datetime():
            return value.isoformat(" ", "seconds").removesuffix(":00")
        case time():
            return value.isoformat("seconds").removesuffix(":00")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}".removesuffix(":00")
        case _:
            return value.isoformat()


def format_xlsx(rows: Sequence[Row], name: str) -> bytes:
    """The sheet as a file, the same bytes for the same rows. Raises FaqFileError if there are more than can be read."""
    if len(rows) > MOST_ROWS:
        problem = Problem(MOST_ROWS + 1, "", f"a sheet may have {MOST_ROWS} rows, these are {len(rows)}")
        raise FaqFileError(name, [problem], "written")
    out = BytesIO()
    workbook = Workbook(out, {"in_memory": True})
    workbook.set_properties({"created": MADE_AT})
    sheet = workbook.add_worksheet("FAQ")
    bold = workbook.add_format({"bold": True, "num_format": "@"})
    plain = workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for column, title in enumerate(rows[0]):
        sheet.set_column(column, column, WIDTHS[title], plain)
    sheet.freeze_panes(1, 0)
    for line, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(line, column, cell, bold if line == 0 else plain)
    workbook.close()
    return out.getvalue()
