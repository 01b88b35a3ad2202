"""Reads a shop's CSV files: rows by column name, fields by type, and everything that is wrong by line and field."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING

from faq.problems import Problem
from support.imports.contact_data import is_email, is_phone
from support.words.language import LANGUAGES, from_tag

if TYPE_CHECKING:
    from _csv import Reader  # the csv module itself does not name it

LARGEST_AMOUNT = Decimal(10) ** 15
"""A digit less than the store's amounts hold, so that sums fit as well."""

_AMOUNT = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_TELEGRAM_ID = re.compile(r"[1-9]\d{0,15}", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")


class ImportFileError(ValueError):
    """A file cannot be imported; nothing of it was taken over. `problems` is in the order of lines."""

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join([f"{name} cannot be imported:", *map(str, self.problems)]))


def read_rows(content: bytes, columns: Sequence[str], needed: Sequence[str]) -> tuple[list[Row], list[Problem]]:
    """The rows of a CSV file (UTF-8, with or without a byte order mark) and what is wrong with the file so far.

    `columns` are those that mean something to us, `needed` those that must be there. Rows note further problems in
    the same list while their fields are read.
    """
    problems: list[Problem] = []
    text = _text(content, problems)
    if problems:
        return [], problems
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = _header(next(reader, []), columns)
        problems += _header_problems(header, needed)
        if not problems:
            rows = [Row(line, cells, columns, problems) for line, cells in _records(reader, header, problems)]
    except csv.Error as error:
        problems.append(Problem(max(reader.line_num, 1), "", f"not CSV: {error}"))
    if not rows and not problems:
        problems.append(Problem(1, "", "there are no rows below the header"))
    return rows, problems


def _text(content: bytes, problems: list[Problem]) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(line, "", "not UTF-8; save the file with this encoding"))
        return ""
    if "\0" in text:
        problems.append(Problem(text.count("\n", 0, text.index("\0")) + 1, "", "a NUL character; is this a CSV file?"))
    return text


def _header(cells: Iterable[str], columns: Sequence[str]) -> list[str]:
    """Our own columns in small letters, a shop's further ones as they are written."""
    names = [cell.strip() for cell in cells]
    return [name.lower() if name.lower() in columns else name for name in names]


def _header_problems(header: Sequence[str], needed: Iterable[str]) -> Iterator[Problem]:
    if not any(header):
        yield Problem(1, "", "the first line must name the columns")
        return
    for name in needed:
        if name not in header:
            yield Problem(1, name, "this column is missing")
    for name in dict.fromkeys(filter(None, header)):
        if header.count(name) > 1:
            yield Problem(1, name, "this column stands here twice")


def _records(reader: Reader, header: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by column name, with the line on which it begins; blank rows and blank cells outside are passed over."""
    line = reader.line_num + 1
    for cells in reader:
        named = list(zip_longest(header, map(str.strip, cells), fillvalue=""))
        if any(cell for name, cell in named if not name):
            problems.append(Problem(line, "", "has a cell under no column's name"))
        elif any(cell for _, cell in named):
            yield line, dict(named)
        line = reader.line_num + 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A field that is wrong is noted as a problem and read as None, as an empty one is."""

    line: int
    cells: Mapping[str, str]
    columns: Sequence[str]
    problems: list[Problem]

    def text(self, name: str) -> str | None:
        return self.cells.get(name) or None

    def needed(self, name: str) -> str:
        """The empty text where it is missing."""
        text = self.cells[name]
        if not text:
            self.note(name, "is missing")
        return text

    def day(self, name: str) -> date | None:
        """An ISO date; of a date with a time, the date."""
        text = self.needed(name)
        try:
            return datetime.fromisoformat(text).date() if text else None
        except ValueError:
            self.note(name, f"{text!r} is not an ISO date such as 2026-01-31")
            return None

    def money(self, name: str) -> Decimal | None:
        """An amount, rounded to two decimals."""
        text = self.text(name)
        if text is None:
            return None
        if not _AMOUNT.fullmatch(text):
            self.note(name, f"{text!r} is not a number such as 1299.50")
        elif text.startswith("-"):
            self.note(name, f"{text} is negative; take a refund off the order that it belongs to")
        elif Decimal(text) > LARGEST_AMOUNT:
            self.note(name, f"{text} is too large")
        else:
            return Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return None

    def currency(self, name: str) -> str | None:
        return self._checked(name, str.upper, _CURRENCY.fullmatch, "is not a currency's three letters, such as EUR")

    def telegram_id(self, name: str) -> int | None:
        text = self._checked(name, str, _TELEGRAM_ID.fullmatch, "is not a Telegram user's number")
        return int(text) if text else None

    def language(self, name: str) -> str | None:
        text = self._checked(name, str, from_tag, f"is not known here; known are {', '.join(LANGUAGES)}")
        return from_tag(text)

    def phone(self, name: str) -> str | None:
        return self._checked(name, str, is_phone, "is not a phone number")

    def email(self, name: str) -> str | None:
        return self._checked(name, str, is_email, "is not an e-mail address")

    def _checked(
        self, name: str, form: Callable[[str], str], is_good: Callable[[str], object], problem: str
    ) -> str | None:
        text = self.text(name)
        if text is None or is_good(form(text)):
            return text and form(text)
        self.note(name, f"{text!r} {problem}")
        return None

    def attributes(self) -> dict[str, str]:
        """What the shop's further columns say."""
        return {name: cell for name, cell in self.cells.items() if cell and name and name not in self.columns}

    def note(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.line, name, message))
