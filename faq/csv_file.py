"""FAQ files in CSV: `id, category, language, question, answer`, a row for each phrasing.

An answer stands on the first row of its entry and language; a row with an answer and no question is allowed. Forms are
kept in YAML only. Cells that a spreadsheet would run as a formula are written with a leading apostrophe, which reading
takes off again, so that writing, reading and writing gives the same file.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING

from faq.entry import LANGUAGES, FaqEntry, is_entry_id
from faq.problems import Problem

if TYPE_CHECKING:
    from _csv import Reader  # the csv module itself does not name it

COLUMNS = ("id", "category", "language", "question", "answer")
NEEDED = ("id", "language", "question", "answer")

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(slots=True)
class _Draft:
    """An entry while its rows are read, and the line where it began."""

    line: int
    category: str = ""
    questions: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    faulty: bool = False


def parse_csv(text: str) -> tuple[list[FaqEntry], list[Problem]]:
    """The entries and everything that is wrong; the entries count only if nothing is."""
    problems: list[Problem] = []
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    drafts: dict[str, _Draft] = {}
    try:
        for line, row in _rows(reader, problems):
            _take(row, line, drafts, problems)
    except csv.Error as error:
        problems.append(Problem(max(reader.line_num, 1), "", f"not CSV: {error}"))
    for draft in drafts.values():
        problems += _missing(draft)
    if not drafts and not problems:
        problems.append(Problem(1, "", "there are no entries below the header"))
    return [_entry(entry_id, draft) for entry_id, draft in drafts.items()], problems


def format_csv(entries: Iterable[FaqEntry]) -> str:
    """The entries as a file, the same text for the same entries."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_guarded(cell) for cell in row] for entry in entries for row in _entry_rows(entry))
    return out.getvalue()


def _rows(reader: "Reader", problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row by column name with the line on which it begins; blank rows are passed over."""
    header = [cell.strip().lower() for cell in next(reader, [])]
    problems += _header_problems(header)
    if problems:
        return
    line = reader.line_num + 1
    for cells in reader:
        if len(cells) > len(header):
            problems.append(Problem(line, "", f"has {len(cells)} cells, the header has {len(header)}"))
        elif any(cell.strip() for cell in cells):
            yield line, dict(zip_longest(header, map(_unguarded, cells), fillvalue=""))
        line = reader.line_num + 1


def _header_problems(header: list[str]) -> Iterator[Problem]:
    if not any(header):
        yield Problem(1, "", "the file is empty; the first line must name the columns")
        return
    for name in NEEDED:
        if name not in header:
            yield Problem(1, name, "this column is missing")
    for name in sorted(set(header) - set(COLUMNS)):
        yield Problem(1, name or "(no name)", f"this column is not known; known are {', '.join(COLUMNS)}")
    for name in COLUMNS:
        if header.count(name) > 1:
            yield Problem(1, name, "this column stands here twice")


def _take(row: dict[str, str], line: int, drafts: dict[str, _Draft], problems: list[Problem]) -> None:
    """Adds a row to its entry's draft, or notes what is wrong with it."""
    entry_id, language = row["id"].strip(), row["language"].strip()
    wrong = list(_row_problems(row, entry_id, language, line))
    draft = drafts.setdefault(entry_id, _Draft(line))
    wrong += _conflicts(row, draft, language, line)
    problems += wrong
    if wrong:
        draft.faulty = True
        return
    draft.category = draft.category or row.get("category", "")
    if row["question"].strip():
        draft.questions.setdefault(language, []).append(row["question"])
    if row["answer"].strip():
        draft.answers[language] = row["answer"]


def _row_problems(row: dict[str, str], entry_id: str, language: str, line: int) -> Iterator[Problem]:
    if not entry_id:
        yield Problem(line, "id", "is missing")
    elif not is_entry_id(entry_id):
        yield Problem(line, "id", f"{entry_id!r} may have small letters, digits and hyphens only, at most 40")
    if language not in LANGUAGES:
        yield Problem(line, "language", f"{language!r} is not known here; known are {', '.join(LANGUAGES)}")
    if not row["question"].strip() and not row["answer"].strip():
        yield Problem(line, "question", "is missing")


def _conflicts(row: dict[str, str], draft: _Draft, language: str, line: int) -> Iterator[Problem]:
    """An entry has one category, and one answer in each language."""
    if row.get("category", "").strip() and draft.category not in {"", row["category"]}:
        yield Problem(line, "category", f"differs from the entry's first, {draft.category!r}")
    if row["answer"].strip() and draft.answers.get(language, row["answer"]) != row["answer"]:
        yield Problem(line, "answer", "is the entry's second in this language")


def _missing(draft: _Draft) -> Iterator[Problem]:
    if draft.faulty:
        return
    if not draft.questions:
        yield Problem(draft.line, "question", "is missing in every language")
    if not draft.answers:
        yield Problem(draft.line, "answer", "is missing in every language")


def _entry(entry_id: str, draft: _Draft) -> FaqEntry:
    questions = {language: tuple(wordings) for language, wordings in draft.questions.items()}
    return FaqEntry(entry_id, questions, draft.answers, draft.category)


def _entry_rows(entry: FaqEntry) -> Iterator[tuple[str, ...]]:
    for language in dict.fromkeys([*entry.questions, *entry.answers]):
        answer = entry.answers.get(language, "")
        for wording in entry.questions.get(language) or ("",):
            yield entry.id, entry.category, language, wording, answer
            answer = ""


def _guarded(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell
