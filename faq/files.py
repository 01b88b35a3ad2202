"""Reads and writes FAQ files, whole or not at all; the kind is told by the suffix."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from pathlib import Path, PurePath

from faq.csv_file import format_csv, parse_csv
from faq.entry import FaqEntry
from faq.faq_file import FaqFile
from faq.problems import FaqFileError, Problem, UnreadableError
from faq.rows import rows_of
from faq.xlsx_file import format_xlsx, parse_xlsx
from faq.yaml_file import format_yaml, parse_yaml

SUFFIXES = (".yaml", ".yml", ".csv", ".xlsx")

MOST_BYTES = {".xlsx": 50_000_000, ".csv": 50_000_000, ".yaml": 20_000_000, ".yml": 20_000_000}
"""100,000 phrasings with their answers take some 20 MB. YAML is read at a fraction of a megabyte a second."""


def read_faq(path: Path) -> list[FaqEntry]:
    """The entries of a file. Raises FaqFileError with every problem, OSError if it cannot be opened."""
    return list(open_faq(path).entries)


def open_faq(path: Path) -> FaqFile:
    """What a YAML, CSV or XLSX file says. Raises FaqFileError with every problem, OSError if it cannot be opened."""
    _check_size(path.stat().st_size, path.name)
    return parse_faq_file(path.read_bytes(), path.name)


def parse_faq_file(content: bytes, name: str) -> FaqFile:
    """What a file that was sent or uploaded says; `name` tells its kind. Raises FaqFileError with every problem."""
    _check_size(len(content), name)
    try:
        file = _parse(content, _suffix(name))
    except UnreadableError as error:
        raise FaqFileError(name, [error.problem]) from error
    if file.problems:
        raise FaqFileError(name, file.problems)
    return file


def _parse(content: bytes, suffix: str) -> FaqFile:
    if suffix == ".xlsx":
        return parse_xlsx(content)
    return parse_csv(_text(content)) if suffix == ".csv" else parse_yaml(_text(content))


def write_faq(path: Path, entries: Iterable[FaqEntry]) -> None:
    """Writes a YAML, CSV or XLSX file. Raises FaqFileError, and OSError if it cannot be written."""
    path.write_bytes(format_faq(entries, path.name))


def format_faq(entries: Iterable[FaqEntry], name: str) -> bytes:
    """The content of a file called `name`; reading it gives these entries again.

    Raises FaqFileError for a suffix that is not known, and for a form or variants that no spreadsheet's cell holds.
    """
    suffix = _suffix(name)
    if suffix == ".xlsx":
        return format_xlsx(rows_of(entries, name), name)
    if suffix == ".csv":
        return format_csv(rows_of(entries, name)).encode()
    return format_yaml(entries).encode()


def _suffix(name: str) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise FaqFileError(name, [Problem(1, "", f"an FAQ file ends in {', '.join(SUFFIXES)}")])
    return suffix


def _check_size(size: int, name: str) -> None:
    most = MOST_BYTES[_suffix(name)]
    if size > most:
        raise FaqFileError(name, [Problem(1, "", f"larger than {most // 1_000_000} MB, the most that is read")])


def _text(content: bytes) -> str:
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise UnreadableError(1, "UTF-16 (Excel's “Unicode Text”); save the file as UTF-8 (“CSV UTF-8”)")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableError(line, "not UTF-8; save the file as UTF-8 (in Excel “CSV UTF-8”)") from error
