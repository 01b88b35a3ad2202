"""Files as other departments save them: formats, encodings, column names, dates; and those that are broken."""

import json
import tracemalloc
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from xlsxwriter import Workbook

from crm_store.models import ColumnMapping, Customer, Order
from crm_store.store import Store
from support.imports.columns import UnknownColumnError
from support.imports.csv_table import LONGEST_LINE
from support.imports.result import ImportFileError, ImportResult
from tests.support.importing import Shop, places

CHINESE = "客户编号,姓名,城市\nC-1,张三,上海\nC-2,欧阳菲菲,哈尔滨\n"
TAIWAN = "客戶編號,姓名,城市\nC-1,張三,臺北\nC-2,歐陽菲菲,高雄\n"
ORDERS = "order_id,customer_id,date,amount\n"


@pytest.fixture
def shop(sqlite_store: Store, tmp_path: Path) -> Shop:
    """Formats are read before any database."""
    return Shop(sqlite_store, tmp_path)


def workbook(*rows: list[Any]) -> bytes:
    out = BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(line, column, cell, *([day] if isinstance(cell, date) else []))
    return out.getvalue()


async def with_customer(shop: Shop) -> None:
    await shop.take("customers", "customer_id\nC-1\n")


async def amounts(shop: Shop) -> dict[str, tuple[date, Decimal]]:
    return {row.external_id: (row.date, row.amount) for row in await shop.all(Order, Order.id)}


# Formats


@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_csv_with_any_separator(shop: Shop, separator: str) -> None:
    text = 'customer_id,name,city\nC-1,"Bo\nBerg",Graz\n'.replace(",", separator)
    assert await shop.take("customers", text) == ImportResult(added=1)
    bo = await shop.customer("C-1")
    assert (bo.name, bo.attributes) == ("Bo\nBerg", {"city": "Graz"})


async def test_sheets_with_dates_and_numbers(shop: Shop) -> None:
    await with_customer(shop)
    sheet = workbook(
        ["订单号", "客户编号", "下单日期", "金额"],
        [17, "C-1", date(2026, 1, 31), 1299.5],
        [],
        ["18", "C-1", "2026-02-01", -3],
    )
    assert await shop.take("orders", sheet, "xlsx") == ImportResult(added=2)
    assert await amounts(shop) == {
        "17": (date(2026, 1, 31), Decimal("1299.50")),
        "18": (date(2026, 2, 1), Decimal(-3)),
    }
    bad = workbook(["order_id", "customer_id", "date", "amount"], [], [19, "C-1", date(2026, 1, 31), "a lot"])
    assert places(await shop.refused("orders", bad, "xlsx")) == [(3, "amount")]


@pytest.mark.parametrize("as_lines", [True, False])
async def test_json_as_an_array_and_as_lines(shop: Shop, as_lines: bool) -> None:
    await with_customer(shop)
    rows = [
        {"order_id": n, "customer_id": "C-1", "date": "2026-01-31", "amount": 1.10, "gift": None, "tags": ["a"]}
        for n in range(3_000)
    ]
    text = "\n".join(map(json.dumps, rows)) if as_lines else json.dumps(rows, indent=1)
    assert await shop.take("orders", text, "jsonl" if as_lines else "json") == ImportResult(added=3_000)
    assert await shop.take("orders", json.dumps(rows), "json") == ImportResult(unchanged=3_000)
    assert (await shop.all(Order, Order.id))[0].attributes == {"tags": '["a"]'}


async def test_bad_rows_of_json_are_told_by_line_or_by_place(shop: Shop) -> None:
    rows: list[dict[str, Any]] = [{"customer_id": "C-1"}, {"customer_id": "C-2", "phone": "call me"}]
    assert places(await shop.refused("customers", json.dumps(rows, indent=1), "json")) == [(5, "phone")]
    assert places(await shop.refused("customers", json.dumps(rows), "json")) == [(2, "phone")]
    assert places(await shop.refused("customers", "\n\n".join(map(json.dumps, rows)), "jsonl")) == [(3, "phone")]


@pytest.mark.parametrize(
    ("content", "ending", "problem"),
    [
        ("", "csv", "line 1: the first line must name the columns"),
        ("customer_id\n", "csv", "line 1: there are no rows below the header"),
        ("name,phone\nAnna,1\n", "csv", "line 1, customer_id: this column is missing"),
        ("customer_id,name,name\nC-1,a,b\n", "csv", "line 1, name: this column stands here twice"),
        ("customer_id,电话,手机\nC-1,,\n", "csv", "line 1, phone: may be '电话' and '手机'; say which by --map"),
        ('customer_id,name\nC-1,"two\nlines"\nC-2,"open\n', "csv", "not CSV"),
        ("customer_id,name\nC-1,a\0b\n", "csv", "line 2: a NUL character"),
        ("customer_id\nC-1\n", "ods", "'.ods' is not .csv, .xlsx, .json or .jsonl"),
        ("", "json", "line 1: the first line must name the columns"),
        ("[]", "json", "line 1: the first line must name the columns"),
        ('[{"customer_id": 1}\n{"customer_id": 2}]', "json", "line 2: not JSON: there is neither a comma nor"),
        ('[{"customer_id": 1},\n', "json", "not JSON"),
        ('[{"customer_id": 1}] x', "json", "line 1: not JSON: something stands behind the end"),
        ('{"customer_id": 1}\n{"customer_id": oops}\n', "json", "line 2: not JSON"),
        ('{"customer_id": 1}\n[2]\n', "json", "line 2: not an object"),
        ("[" * 100_000, "json", "not JSON that is read here: too deep"),
        (b"PK\x03\x04 broken", "xlsx", "not a whole .xlsx file"),
    ],
)
async def test_a_file_that_is_no_table_is_refused(shop: Shop, content: str | bytes, ending: str, problem: str) -> None:
    error = await shop.refused("customers", content, ending)
    assert str(error).startswith(f"customers.{ending} cannot be imported:\n")
    assert problem in str(error)
    assert await shop.count(Customer) == 0


async def test_a_zip_bomb_of_a_sheet_is_not_unpacked(shop: Shop) -> None:
    far = BytesIO()
    with Workbook(far, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "customer_id")
        sheet.write(1_048_575, 0, "C-1")
    error = await shop.refused("customers", far.getvalue(), "xlsx")
    assert "a sheet has more than 200000 rows; save it as CSV, which may be of any length" in str(error)

    bomb = BytesIO()
    with ZipFile(bomb, "w", ZIP_DEFLATED) as packed, packed.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(101):
            part.write(b" " * 1_000_000)
    assert len(bomb.getvalue()) < 200_000
    assert "holds more than 100 MB; save it as CSV" in str(await shop.refused("customers", bomb.getvalue(), "xlsx"))


@pytest.mark.parametrize("head", ["customer_id\nC-1\n", ""])
async def test_a_line_without_an_end_is_not_read_whole(shop: Shop, head: str) -> None:
    content = head.encode() + b"x" * 20 * LONGEST_LINE
    tracemalloc.start()
    error = await shop.refused("customers", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "a line of more than 1,048,576 characters; is this CSV?" in str(error)
    assert places(error) == [(3 if head else 1, "")]
    assert peak < 10 * LONGEST_LINE


async def test_lines_are_counted_as_an_editor_counts_them(shop: Shop) -> None:
    text = 'customer_id,name,language\r\nC-1,"two\r\nlines",\r\n\r\nC-2,,fr\r\n'
    assert places(await shop.refused("customers", text)) == [(5, "language")]


# Encodings


@pytest.mark.parametrize(
    ("text", "encoding", "guessed"),
    [
        (CHINESE, "utf-8", None),
        (CHINESE, "utf-8-sig", None),
        (CHINESE, "utf-16", None),
        (CHINESE, "gb18030", "gb18030"),
        (TAIWAN, "big5", "big5hkscs"),
    ],
)
async def test_encodings_are_found_out(shop: Shop, text: str, encoding: str, guessed: str | None) -> None:
    assert await shop.take("customers", text.encode(encoding)) == ImportResult(added=2, encoding=guessed)
    assert (await shop.customer("C-2")).name in text


async def test_an_encoding_may_be_said(shop: Shop) -> None:
    latin = "customer_id,name\nC-1,Müller\nC-2,Straße\n".encode("cp1252")
    error = await shop.refused("customers", latin)
    assert "line 2: not UTF-8; save the file as UTF-8, or say its --encoding" in str(error)
    assert await shop.take("customers", latin, encoding="cp1252") == ImportResult(added=2)
    assert (await shop.customer("C-2")).name == "Straße"

    with pytest.raises(ImportFileError, match="line 3: not ASCII"):
        await shop.take("customers", "customer_id,name\nC-1,a\nC-2,é\n", encoding="ascii")
    with pytest.raises(ImportFileError, match="'klingon' is no encoding"):
        await shop.take("customers", "customer_id\n", encoding="klingon")


async def test_one_broken_character_is_no_reason_to_guess(shop: Shop) -> None:
    broken = CHINESE.encode().replace("哈".encode(), "哈".encode()[:2])
    assert "line 3: not UTF-8" in str(await shop.refused("customers", broken))


# Column names


async def test_usual_names_are_understood_and_others_kept(shop: Shop) -> None:
    text = "会员编号,Full Name,手機,E-Mail,等级\nC-1,Wei,+86 139 0000 1001,wei@example.com,金\n"
    assert await shop.take("customers", text) == ImportResult(added=1)
    wei = await shop.customer("C-1")
    assert (wei.name, wei.phone, wei.email) == ("Wei", "+86 139 0000 1001", "wei@example.com")
    assert wei.attributes == {"等级": "金"}


async def test_what_was_said_of_columns_is_remembered(shop: Shop) -> None:
    text = "Konto,Kundin,intern,phone,Handy\nC-1,Anna,secret,,+49 30 123456\n"
    assert places(await shop.refused("customers", text)) == [(1, "customer_id")]
    said = {"Konto": "customer_id", "Kundin": "name", "intern": "", "Handy": "phone", "phone": ""}
    assert await shop.take("customers", text, columns=said) == ImportResult(added=1)
    anna = await shop.customer("C-1")
    assert (anna.name, anna.phone, anna.attributes) == ("Anna", "+49 30 123456", {})

    turned = "Kundin,Konto,Handy,phone,intern\nAnna B.,C-1,,,\n"
    assert await shop.take("customers", turned) == ImportResult(changed=1)
    assert (await shop.customer("C-1")).name == "Anna B."
    assert await shop.take("customers", turned, columns={"intern": "source"}) == ImportResult(unchanged=1)
    (kept,) = await shop.all(ColumnMapping, ColumnMapping.at)
    assert (kept.kind, kept.columns) == ("customers", {**said, "intern": "source"})


async def test_a_column_that_is_not_there_cannot_be_said(shop: Shop) -> None:
    with pytest.raises(UnknownColumnError, match="there is no column 'Nmae'; there are customer_id, Name"):
        await shop.take("customers", "customer_id,Name\nC-1,A\n", columns={"Nmae": "name"})
    with pytest.raises(UnknownColumnError, match="there is no column 'tier'"):
        await shop.take("customers", "customer_id,Name\nC-1,A\n", columns={"Name": "tier"})


# Dates


async def order_dates(shop: Shop, *dates: str, **options: Any) -> list[str]:
    rows = "".join(f"{number},C-1,{text},1\n" for number, text in enumerate(dates))
    await shop.take("orders", ORDERS + rows, **options)
    return [row.date.isoformat() for row in await shop.all(Order, Order.external_id)]


@pytest.mark.parametrize(
    ("dates", "read"),
    [
        (["2026-01-31", "20260201", "2026/2/3", "2026年2月4日 8:30"], ["01-31", "02-01", "02-03", "02-04"]),
        (["31.01.2026", "01.02.2026"], ["01-31", "02-01"]),
        (["01/31/2026", "2/1/2026 08:30"], ["01-31", "02-01"]),
    ],
)
async def test_dates_that_can_be_read_in_one_way_only(shop: Shop, dates: list[str], read: list[str]) -> None:
    await with_customer(shop)
    assert await order_dates(shop, *dates) == [f"2026-{day}" for day in read]


async def test_an_order_of_day_and_month_may_be_said(shop: Shop) -> None:
    await with_customer(shop)
    dates = ["01/02/2026", "2026-02-03"]
    with pytest.raises(ImportFileError, match=r"line 2, date: may be 2026-02-01 or 2026-01-02"):
        await order_dates(shop, *dates)
    assert await order_dates(shop, *dates, order="dmy") == ["2026-02-01", "2026-02-03"]
    assert await order_dates(shop, *dates, order="mdy") == ["2026-01-02", "2026-02-03"]
    with pytest.raises(ImportFileError, match=r"line 2, date: '31/02/2026' is no day of the calendar"):
        await order_dates(shop, "31/02/2026", order="dmy")
    with pytest.raises(ImportFileError, match=r"line 2, date: '01/02/2026' is not a date"):
        await order_dates(shop, "01/02/2026", order="ymd")


async def test_dates_of_three_formats_are_problems_by_line(shop: Shop) -> None:
    await with_customer(shop)
    rows = "1,C-1,2026-01-31,1\n2,C-1,31/01/2026,1\n3,C-1,01/31/2026,1\n4,C-1,Jan 31,1\n5,C-1,01/02/2026,1\n"
    error = await shop.refused("orders", ORDERS + rows)
    assert places(error) == [(3, "date"), (4, "date"), (5, "date"), (6, "date")]
    assert await shop.count(Order) == 0
