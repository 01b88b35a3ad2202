"""FAQ workbooks: cells are what a person sees, and no file takes more time or memory than a sane one."""

import struct
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from time import perf_counter
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest
from python_calamine import load_workbook
from xlsxwriter import Workbook

from faq import xlsx_file, xlsx_guard
from faq.entry import FaqEntry, Variant
from faq.files import format_faq, parse_faq_file
from faq.problems import FaqFileError
from faq.xlsx_file import Value, shown

HEADER = ["id", "category", "language", "question", "answer"]
ONE = FaqEntry("a", {"en": ("=1+1", "+2", "https://a.example", "'x", "42", "2026-11-20")}, {"en": "@SUM(A1)\nyes"}, "c")
SHEET = "xl/worksheets/sheet1.xml"
BOUND_SECONDS = 10
"""Generous, for a machine that does other things as well; each takes a fraction of a second."""


def workbook(fill: Callable[[Workbook], None]) -> bytes:
    out = BytesIO()
    book = Workbook(out, {"in_memory": True, "remove_timezone": True})
    fill(book)
    book.close()
    return out.getvalue()


def of_rows(*rows: Sequence[object]) -> bytes:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)

    return workbook(fill)


def changed(content: bytes, part: str, change: Callable[[bytes], bytes], compression: int = ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return out.getvalue()


def refused(content: bytes, words: str) -> None:
    begin = perf_counter()
    with pytest.raises(FaqFileError, match=words):
        parse_faq_file(content, "faq.xlsx")
    assert perf_counter() - begin < BOUND_SECONDS


# Writing


def test_cells_are_text_and_nothing_else() -> None:
    content = format_faq([ONE], "faq.xlsx")
    with ZipFile(BytesIO(content)) as parts:
        xml = parts.read(SHEET).decode()
        assert not any("hyperlink" in parts.read(name).decode() for name in parts.namelist())
    assert "<f>" not in xml
    assert xml.count('t="s"') == xml.count("<c ") == 5 + 6 * 4 + 1
    assert 'ySplit="1"' in xml
    assert 'state="frozen"' in xml
    assert parse_faq_file(content, "faq.xlsx").entries == [ONE]


def test_the_same_faq_is_the_same_file() -> None:
    assert format_faq([ONE], "faq.xlsx") == format_faq([ONE], "faq.xlsx")


def test_forms_and_variants_have_columns_where_there_are_any() -> None:
    told = FaqEntry("b", {"en": ("q",)}, {"en": "a"}, variants=(Variant({"en": "b"}, ("vip",)),))
    rows = list(load_workbook(BytesIO(format_faq([ONE, told], "f.xlsx"))).get_sheet_by_index(0).iter_rows())
    assert rows[0] == [*HEADER, "variants"]
    assert rows[7][5] == '[{"tiers": ["vip"], "answers": {"en": "b"}}]'


def test_more_rows_than_are_read_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 3)
    with pytest.raises(FaqFileError, match=r"cannot be written:\nline 4: a sheet may have 3 rows, these are 7"):
        format_faq([ONE], "faq.xlsx")


# Reading what people make


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (2024.0, "2024"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (123456789012345.0, "123456789012345"),
        (True, "TRUE"),
        (False, "FALSE"),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 9, 30, tzinfo=UTC).replace(tzinfo=None), "2026-11-20 09:30"),
        (datetime(2026, 11, 20, 9, 30, 5, tzinfo=UTC).replace(tzinfo=None), "2026-11-20 09:30:05"),
        (time(9, 0), "09:00"),
        (timedelta(hours=30, minutes=5), "30:05"),
        (timedelta(minutes=5, seconds=7), "0:05:07"),
    ],
)
def test_what_a_person_sees_in_a_cell(value: Value, text: str) -> None:
    assert shown(value) == text


def test_numbers_dates_and_formulas_are_read_as_they_are_seen() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [2024, True, "en", 58])
        sheet.write_datetime(1, 4, datetime(2026, 11, 20, tzinfo=UTC), book.add_format({"num_format": "d.m.yyyy"}))
        sheet.write_row(2, 0, [2024, True, "en"])
        sheet.write_formula(2, 3, '="five" & 5', None, "five5")

    assert parse_faq_file(workbook(fill), "faq.xlsx").entries == [
        FaqEntry("2024", {"en": ("58", "five5")}, {"en": "2026-11-20"}, "TRUE")
    ]


def test_the_first_sheet_to_be_seen_counts() -> None:
    def fill(book: Workbook) -> None:
        book.add_worksheet("lists").hide()
        sheet = book.add_worksheet("FAQ")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["a", "", "en", "q", "yes"])
        sheet.activate()
        book.add_worksheet("notes").write(0, 0, "not a column")

    assert parse_faq_file(workbook(fill), "faq.xlsx").entries == [FaqEntry("a", {"en": ("q",)}, {"en": "yes"})]


def test_a_table_may_stand_anywhere_in_the_sheet() -> None:
    rows = [
        [],
        [],
        ["", "ID ", "Language", "Question", "Answer"],
        [],
        ["", "a", "en", "q", "yes"],
        ["", "a", "fr", "q"],
    ]
    refused(
        of_rows(*rows), r"cannot be read:\nline 6, language: 'fr' is not known here; known are en, zh-Hans, zh-Hant$"
    )
    assert parse_faq_file(of_rows(*rows[:5]), "faq.xlsx").entries == [FaqEntry("a", {"en": ("q",)}, {"en": "yes"})]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "line 1: the file is empty"),
        ([HEADER], "line 1: there are no entries"),
        ([["id", "language", "question"]], "line 1, answer: this column is missing"),
        ([[*HEADER, "reply"]], "line 1, reply: this column is not known"),
        ([HEADER, ["A b", "", "en", "q", "a"]], "line 2, id: 'A b' may have"),
        (
            [HEADER, ["a", "", "en", "q", "a"], [], ["a", "", "en", "q"]],
            "line 4, question: 'q' stands in line 2 already",
        ),
        ([HEADER, ["a", "", "en", "q", "a", "more"]], "line 2: has 6 cells"),
        ([HEADER, ["a", "", "en", "q"]], "line 2, answer: is missing in every language"),
        ([[*HEADER, "form"], ["a", "", "en", "q", "a", "{"]], "line 2, form: is not JSON"),
    ],
)
def test_problems_are_named_by_row_and_column(rows: list[Sequence[object]], told: str) -> None:
    refused(of_rows(*rows), told)


# Bad files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a whole .xlsx file"),
        (b"id,category,language,question,answer\n", "not a whole .xlsx file"),
        (format_faq([ONE], "faq.xlsx")[:2000], "not a whole .xlsx file"),
        (xlsx_guard.ENCRYPTED_OR_OLD + b"\0" * 5000, "without a password"),
        (b"PK\x01\x02" * 2000, "more than 1000 parts"),
    ],
)
def test_what_is_no_workbook(content: bytes, words: str) -> None:
    refused(content, words)


def test_a_zip_of_something_else() -> None:
    out = BytesIO()
    with ZipFile(out, "w") as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        new.writestr("content.xml", "<a/>")
    refused(out.getvalue(), "not a whole .xlsx file")


def test_parts_that_are_damaged_or_there_twice() -> None:
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    refused(changed(good, SHEET, lambda xml: xml[:-20]), "not a whole .xlsx file")
    refused(changed(good, SHEET, lambda xml: xml, ZIP_BZIP2), "packed in a way that no workbook is")
    refused(changed(good, SHEET, lambda xml: xml.replace(b'r="A1"', b'r="A1B"')), "no cell can be named 'A1B'")
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    refused(changed(good, SHEET, lambda xml: xml.replace(b"<worksheet", doctype + b"<worksheet", 1)), "document type")
    out = BytesIO(good)
    with ZipFile(out, "a") as more, pytest.warns(UserWarning, match="Duplicate"):
        more.writestr(SHEET, "<a/>")
    refused(out.getvalue(), "stands there twice")


def test_an_encrypted_part() -> None:
    content = bytearray(of_rows(HEADER))
    entry = content.index(b"PK\x01\x02")
    while entry >= 0:
        content[entry + 8] |= 1
        entry = content.find(b"PK\x01\x02", entry + 4)
    refused(bytes(content), "parts are encrypted")


def test_a_zip_bomb_is_not_unpacked() -> None:
    blank = b" " * (xlsx_guard.MOST_UNPACKED + 1)
    bomb = changed(of_rows(HEADER), "xl/styles.xml", lambda xml: xml + blank)
    assert len(bomb) < 200_000
    refused(bomb, "holds more than 100 MB")


def test_a_zip_bomb_that_lies_about_its_size_is_cut_where_it_says_it_ends() -> None:
    """The checksum is that of the declared bytes, so only unpacking no more than these keeps it harmless."""
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    with ZipFile(BytesIO(good)) as parts:
        xml = parts.read(SHEET)
    content = bytearray(changed(good, SHEET, lambda xml: xml + b" " * 50_000_000))
    entry = content.rindex(SHEET.encode()) - 46
    content[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(xml))
    content[entry + 24 : entry + 28] = struct.pack("<I", len(xml))
    assert xlsx_guard.measured(bytes(content)).count(b"     ") == 0
    assert parse_faq_file(bytes(content), "faq.xlsx").entries == [FaqEntry("a", {"en": ("q",)}, {"en": "yes"})]


def test_a_dimension_that_promises_the_whole_sheet_costs_nothing() -> None:
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    content = changed(good, SHEET, lambda xml: xml.replace(b'ref="A1:E2"', b'ref="A1:XFD1048576"'))
    assert content != good
    begin = perf_counter()
    assert parse_faq_file(content, "faq.xlsx").entries == [FaqEntry("a", {"en": ("q",)}, {"en": "yes"})]
    assert perf_counter() - begin < BOUND_SECONDS


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>', "more than 200000 rows"),
        (b'<row><c r="XFD3"><v>1</v></c></row>', "line 3: a sheet has more than 100 columns"),
        (b'<row><c r="CV200000" t="inlineStr"><is><t>x</t></is></c></row>', "more than 2000000 cells"),
    ],
)
def test_a_cell_in_the_far_corner_is_not_laid_out(cell: bytes, words: str) -> None:
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    refused(changed(good, SHEET, lambda xml: xml.replace(b"</sheetData>", cell + b"</sheetData>")), words)


def test_empty_cells_in_the_far_corner_do_no_harm() -> None:
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    cell = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    content = changed(good, SHEET, lambda xml: xml.replace(b"</sheetData>", cell))
    assert len(parse_faq_file(content, "faq.xlsx").entries) == 1


@pytest.mark.parametrize("name", ["count", "uniqueCount"])
@pytest.mark.parametrize("count", [b"40000000000", b"&#52;0000000000", b"-1", b"x"])
def test_a_part_that_promises_too_many_things(name: str, count: bytes) -> None:
    good = of_rows(HEADER, ["a", "", "en", "q", "yes"])
    content = changed(
        good,
        "xl/sharedStrings.xml",
        lambda xml: xml.replace(f' {name}="'.encode(), b' %s="%s" x="' % (name.encode(), count)),
    )
    refused(content, "a part says that it holds")


def test_a_million_cells_are_refused_at_once() -> None:
    rows = b"<row>" + b"<c><v>1</v></c>" * 1000 + b"</row>"
    content = changed(of_rows(HEADER), SHEET, lambda xml: xml.replace(b"<sheetData>", b"<sheetData>" + rows * 1000))
    refused(content, "line 1: a sheet has more than 100 columns")
