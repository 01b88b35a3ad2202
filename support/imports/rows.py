"""A shop's customers and orders as its files tell them; the columns are those of the documentation, "Files"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from faq.problems import Problem
from support.imports.files import ImportFileError, Row, read_rows

CUSTOMER_COLUMNS = (
    "customer_id",
    "name",
    "phone",
    "email",
    "telegram_id",
    "language",
    "organisation",
    "source",
    "referrer",
)
ORDER_COLUMNS = ("order_id", "customer_id", "date", "amount", "currency", "cost", "product", "category", "source")
NEEDED_OF_AN_ORDER = ("order_id", "customer_id", "date", "amount")


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer of the file; None where the cell is empty or the column absent."""

    line: int
    customer_id: str
    name: str | None
    phone: str | None
    email: str | None
    telegram_id: int | None
    language: str | None
    organisation: str | None
    source: str | None
    referrer: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of the file; amounts are rounded to two decimals."""

    line: int
    order_id: str
    customer_id: str
    date: date
    amount: Decimal
    currency: str | None
    cost: Decimal | None
    product: str | None
    category: str | None
    source: str | None
    attributes: Mapping[str, str]


def read_customers(content: bytes, name: str) -> list[CustomerRow]:
    """The customers of a CSV file called `name`. Raises ImportFileError with every problem."""
    rows, problems = read_rows(content, CUSTOMER_COLUMNS, needed=("customer_id",))
    customers = [_customer(row) for row in rows]
    _refuse_repeats(rows, "customer_id")
    _refuse_repeats(rows, "telegram_id")
    _refuse(name, problems)
    return customers


def _customer(row: Row) -> CustomerRow:
    return CustomerRow(
        line=row.line,
        customer_id=row.needed("customer_id"),
        name=row.text("name"),
        phone=row.phone("phone"),
        email=row.email("email"),
        telegram_id=row.telegram_id("telegram_id"),
        language=row.language("language"),
        organisation=row.text("organisation"),
        source=row.text("source"),
        referrer=row.text("referrer"),
        attributes=row.attributes(),
    )


def read_orders(content: bytes, name: str) -> list[OrderRow]:
    """The orders of a CSV file called `name`. Raises ImportFileError with every problem."""
    rows, problems = read_rows(content, ORDER_COLUMNS, needed=NEEDED_OF_AN_ORDER)
    orders = [order for row in rows if (order := _order(row))]
    _refuse_repeats(rows, "order_id")
    _refuse(name, problems)
    return orders


def _order(row: Row) -> OrderRow | None:
    row.needed("amount")
    day, amount = row.day("date"), row.money("amount")
    order_id, customer_id = row.needed("order_id"), row.needed("customer_id")
    currency, cost = row.currency("currency"), row.money("cost")
    if day is None or amount is None:
        return None
    return OrderRow(
        line=row.line,
        order_id=order_id,
        customer_id=customer_id,
        date=day,
        amount=amount,
        currency=currency,
        cost=cost,
        product=row.text("product"),
        category=row.text("category"),
        source=row.text("source"),
        attributes=row.attributes(),
    )


def _refuse_repeats(rows: list[Row], name: str) -> None:
    first: dict[str, int] = {}
    for row in rows:
        value = row.text(name)
        if value and first.setdefault(value, row.line) != row.line:
            row.note(name, f"{value!r} stands in line {first[value]} already")


def _refuse(name: str, problems: list[Problem]) -> None:
    if problems:
        raise ImportFileError(name, problems)
