"""Tables in JSON: an array of objects, or an object a line; read object by object, however long the file is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from faq.problems import UnreadableError
from support.imports.csv_table import ROWS_BETWEEN
from support.imports.encodings import encoding_of
from support.imports.records import Progress, no_progress
from support.imports.table import Names, Row, Table

MOST_COLUMNS = 200
"""Keys of all objects together; more are no columns but data."""
LONGEST_OBJECT = 1 << 20
"""Characters; one that does not end by then is broken."""
BLOCK = 1 << 16
_SPACE = " \t\r\n"


def open_json(path: Path, encoding: str | None, progress: Progress) -> Table:
    """The columns are the keys of all objects, for which the file is read once in advance. Raises UnreadableError."""
    found = encoding_of(path, encoding)
    header, has_lines = _header(path, found)

    def rows(names: Names) -> Iterator[Row]:
        for place, (line, row) in enumerate(_objects(path, found, progress), 1):
            cells = {name: cell for key, cell in row.items() if (name := names[key]) is not None}
            yield line if has_lines else place, cells

    return Table(header, rows)


def _header(path: Path, encoding: str) -> tuple[list[str], bool]:
    """And whether objects have lines of their own; else their place among the others says more."""
    keys: dict[str, None] = {}
    count = line = 0
    for line, row in _objects(path, encoding, no_progress):
        count += 1
        keys.update(dict.fromkeys(row))
        if len(keys) > MOST_COLUMNS:
            raise UnreadableError(line, f"the objects have more than {MOST_COLUMNS} different keys")
    return list(keys), line >= count


def _objects(path: Path, encoding: str, progress: Progress) -> Iterator[tuple[int, dict[str, Any]]]:
    size = path.stat().st_size
    with path.open("rb") as raw, TextIOWrapper(raw, encoding) as file:
        text = _Text(file)
        is_array = text.takes("[")
        for count, (line, value) in enumerate(_values(text, is_array=is_array), 1):
            if not isinstance(value, dict):
                raise UnreadableError(line, "not an object with a value for each column")
            yield line, value
            if count % ROWS_BETWEEN == 0:
                progress(raw.tell(), size)
    progress(size, size)


def _values(text: _Text, *, is_array: bool) -> Iterator[tuple[int, Any]]:
    """Separated by commas in an array, which must end; by nothing but space outside."""
    if is_array and text.takes("]"):
        return text.must_end()
    while not text.is_at_end():
        yield text.line, text.value()
        if is_array and not text.takes(","):
            if not text.takes("]"):
                raise UnreadableError(text.line, "not JSON: there is neither a comma nor the end of the array")
            return text.must_end()
    if is_array:
        raise UnreadableError(text.line, "not JSON: the array has no end")
    return None


class _Text:
    """A window that moves over the file; `line` is that of what comes next."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self._window = ""
        self._at = 0
        self._read = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode
        self.line = 1

    def takes(self, char: str) -> bool:
        """Whether this comes next; then it is passed."""
        self._pass_space()
        if self._window[self._at : self._at + 1] != char:
            return False
        self._at += 1
        return True

    def is_at_end(self) -> bool:
        self._pass_space()
        return self._at == len(self._window)

    def must_end(self) -> None:
        if not self.is_at_end():
            raise UnreadableError(self.line, "not JSON: something stands behind the end of the array")

    def value(self) -> Any:
        """The next value; numbers as the text that stands there. Raises UnreadableError."""
        while True:
            try:
                value, end = self._read(self._window, self._at)
            except json.JSONDecodeError as error:
                line = self.line + self._window.count("\n", self._at, error.pos)
                if len(self._window) - self._at > LONGEST_OBJECT or not self._more():
                    raise UnreadableError(line, f"not JSON: {error.msg}") from error
            except RecursionError as error:
                raise UnreadableError(self.line, "not JSON that is read here: too deep") from error
            else:
                if end < len(self._window) or not self._more():
                    self._pass_to(end)
                    return value

    def _pass_space(self) -> None:
        while True:
            rest = self._window[self._at : self._at + BLOCK].lstrip(_SPACE)
            end = min(self._at + BLOCK, len(self._window)) - len(rest)
            self._pass_to(end)
            if rest or (self._at == len(self._window) and not self._more()):
                return

    def _pass_to(self, end: int) -> None:
        self.line += self._window.count("\n", self._at, end)
        self._at = end

    def _more(self) -> bool:
        """Reads on, and forgets what was passed."""
        block = self._file.read(BLOCK)
        self._window = self._window[self._at :] + block
        self._at = 0
        return bool(block)
