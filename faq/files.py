"""Reads and writes FAQ files, whole or not at all; the kind is told by the suffix."""

from collections.abc import Iterable
from pathlib import Path, PurePath

from faq.csv_file import format_csv, parse_csv
from faq.entry import FaqEntry
from faq.problems import FaqFileError, Problem
from faq.yaml_file import format_yaml, parse_yaml

PARSERS = {".yaml": parse_yaml, ".yml": parse_yaml, ".csv": parse_csv}
FORMATTERS = {".yaml": format_yaml, ".yml": format_yaml, ".csv": format_csv}


def read_faq(path: Path) -> list[FaqEntry]:
    """The entries of a YAML or CSV file. Raises FaqFileError with every problem, OSError if it cannot be opened."""
    return parse_faq(path.read_bytes(), path.name)


def parse_faq(content: bytes, name: str) -> list[FaqEntry]:
    """The entries of a file that was sent or uploaded; `name` tells its kind. Raises FaqFileError."""
    parse = PARSERS[_suffix(name)]
    entries, problems = parse(_text(content, name))
    if problems:
        raise FaqFileError(name, problems)
    return entries


def write_faq(path: Path, entries: Iterable[FaqEntry]) -> None:
    """Writes a YAML or CSV file. CSV leaves forms out. Raises FaqFileError for another suffix."""
    path.write_bytes(format_faq(entries, path.name))


def format_faq(entries: Iterable[FaqEntry], name: str) -> bytes:
    """The content of a file called `name`. Raises FaqFileError for a suffix that is not known."""
    return FORMATTERS[_suffix(name)](entries).encode()


def _suffix(name: str) -> str:
    suffix = PurePath(name).suffix.lower()
    if suffix not in PARSERS:
        raise FaqFileError(name, [Problem(1, "", f"an FAQ file ends in {', '.join(PARSERS)}")])
    return suffix


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(line, "", "not UTF-8; save the file with this encoding")
        raise FaqFileError(name, [problem]) from error
