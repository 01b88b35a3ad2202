"""An FAQ as a sheet: `id, category, language, question, answer`, a row for each phrasing.

An answer stands on the first row of its entry and language; a row with an answer and no question is allowed. Forms and
variants have a column each, JSON in the entry's first row, if any entry has them. CSV and XLSX share all of this.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeVar

from faq.entry import LANGUAGES, FaqEntry, FormField, Variant, is_entry_id
from faq.entry_reader import EntryReader
from faq.faq_file import FaqFile
from faq.plain import ordered, plain_form, plain_variants
from faq.problems import FaqFileError, Problem
from faq.text_rules import answer_fault, text_fault, wording_fault
from faq.tree import Node, tree_of_json
from faq.tree_reader import unknown

NEEDED = ("id", "language", "question", "answer")
COLUMNS = ("id", "category", "language", "question", "answer")
EXTRA = ("form", "variants")
"""Written only if some entry has them."""
ONE_PER_ENTRY = ("category", *EXTRA)
"""Told by any row of an entry; without the column, the file is silent about it."""

LONGEST_CELL = 32_767
"""Characters that a spreadsheet's cell holds; spreadsheets cut what is longer without a word."""

MOST_PROBLEMS = 1_000
"""A sheet with so many is another sheet, and is read no further."""

Row = tuple[str, ...]
_T = TypeVar("_T")


def rows_of(entries: Iterable[FaqEntry], name: str) -> list[Row]:
    """The sheet with its header, the same for the same entries. Raises FaqFileError if a cell cannot hold its text."""
    entries = list(entries)
    extra = [column for column in EXTRA if any(getattr(entry, column) for entry in entries)]
    rows = [(*COLUMNS, *extra), *(row for entry in entries for row in _entry_rows(entry, extra))]
    too_long = [
        Problem(
            line, column, f"is longer than {LONGEST_CELL} characters, the most that a cell holds; write YAML instead"
        )
        for line, row in enumerate(rows, 1)
        for column, cell in zip(rows[0], row, strict=True)
        if len(cell) > LONGEST_CELL
    ]
    if too_long:
        raise FaqFileError(name, too_long, "written")
    return rows


def _entry_rows(entry: FaqEntry, extra: Sequence[str]) -> Iterator[Row]:
    last = tuple(_json(entry, column) for column in extra)
    for language in ordered([*entry.questions, *entry.answers]):
        answer = entry.answers.get(language, "")
        for wording in entry.questions.get(language) or ("",):
            yield entry.id, entry.category, language, wording, answer, *last
            answer, last = "", ("",) * len(last)


def _json(entry: FaqEntry, column: str) -> str:
    plain = plain_form(entry) if column == "form" else plain_variants(entry)
    return json.dumps(plain, ensure_ascii=False) if plain else ""


@dataclass(slots=True)
class _Draft:
    """An entry while its rows are read, and the line where it began."""

    line: int
    questions: dict[str, dict[str, int]] = field(default_factory=dict)
    """By language: each wording and its line."""
    answers: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    """What is told once for an entry: category, and the JSON of form and variants."""
    form: tuple[FormField, ...] = ()
    variants: tuple[Variant, ...] = ()
    faulty: bool = False


def read_rows(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]], line: int = 1) -> FaqFile:
    """The entries of a sheet and everything that is wrong; rows come with their lines, the header stands in `line`."""
    names = _filled([cell.strip().lower() for cell in header])
    problems = list(_header_problems(names, line))
    drafts: dict[str, _Draft] = {}
    for at, row in rows if not problems else ():
        if len(problems) >= MOST_PROBLEMS:
            break
        cells = _filled(row)
        if len(cells) > len(names):
            problems.append(Problem(at, "", f"has {len(cells)} cells, the header has {len(names)}"))
        elif cells:
            _take(dict(zip_longest(names, cells, fillvalue="")), at, drafts, problems)
    if len(problems) < MOST_PROBLEMS:
        problems += (problem for draft in drafts.values() for problem in _missing(draft))
    if not drafts and not problems:
        problems.append(Problem(line, "", "there are no entries below the header"))
    silent = frozenset(ONE_PER_ENTRY) - frozenset(names)
    return FaqFile([_entry(entry_id, draft) for entry_id, draft in drafts.items()], problems, silent)


def _filled(cells: Sequence[str]) -> Sequence[str]:
    """Without the blank cells at the end, of which a spreadsheet may add any number."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _header_problems(header: Sequence[str], line: int) -> Iterator[Problem]:
    known = (*COLUMNS, *EXTRA)
    if not header:
        yield Problem(line, "", "the file is empty; the first line must name the columns")
        return
    for name in NEEDED:
        if name not in header:
            yield Problem(line, name, "this column is missing")
    for name in sorted(set(header) - set(known)):
        yield Problem(line, name or "(no name)", f"this column {unknown(known)}")
    for name in known:
        if header.count(name) > 1:
            yield Problem(line, name, "this column stands here twice")


def _take(row: Mapping[str, str], line: int, drafts: dict[str, _Draft], problems: list[Problem]) -> None:
    """Adds a row to its entry's draft, or notes what is wrong with it."""
    entry_id, language = row["id"].strip(), row["language"].strip()
    wrong = list(_row_problems(row, entry_id, language, line))
    draft = drafts.setdefault(entry_id, _Draft(line))
    wrong += _conflicts(row, draft, language, line)
    if not wrong:
        wrong += _take_once(row, draft, line)
    problems += wrong
    if wrong:
        draft.faulty = True
        return
    if row["question"].strip():
        draft.questions.setdefault(language, {})[row["question"]] = line
    if row["answer"].strip():
        draft.answers[language] = row["answer"]


def _row_problems(row: Mapping[str, str], entry_id: str, language: str, line: int) -> Iterator[Problem]:
    if not entry_id:
        yield Problem(line, "id", "is missing")
    elif not is_entry_id(entry_id):
        yield Problem(line, "id", f"{entry_id!r} may have small letters, digits and hyphens only, at most 40")
    if language not in LANGUAGES:
        yield Problem(line, "language", f"{language!r} {unknown(LANGUAGES)}")
    if not row["question"].strip() and not row["answer"].strip():
        yield Problem(line, "question", "is missing")
    rules = {"question": wording_fault, "answer": answer_fault, "category": text_fault}
    for column, fault in rules.items():
        text = row.get(column, "")
        if text.strip() and (message := fault(text)):
            yield Problem(line, column, message)


def _conflicts(row: Mapping[str, str], draft: _Draft, language: str, line: int) -> Iterator[Problem]:
    """An entry has one category, form and list of variants, one answer in each language, and each wording once."""
    for column in ONE_PER_ENTRY:
        if row.get(column, "").strip() and draft.once.get(column, row[column]) != row[column]:
            yield Problem(line, column, f"differs from the entry's first, {draft.once[column]!r}")
    if row["answer"].strip() and draft.answers.get(language, row["answer"]) != row["answer"]:
        yield Problem(line, "answer", "is the entry's second in this language")
    first = draft.questions.get(language, {}).get(row["question"])
    if first:
        yield Problem(line, "question", f"{row['question']!r} stands in line {first} already")


def _take_once(row: Mapping[str, str], draft: _Draft, line: int) -> Iterator[Problem]:
    """What an entry says once is read where it stands first."""
    fresh = {name: row[name] for name in ONE_PER_ENTRY if row.get(name, "").strip() and name not in draft.once}
    draft.once.update(fresh)
    reader = EntryReader()
    if "form" in fresh:
        draft.form = _read_json(reader, "form", fresh["form"], line, reader.form)
    if "variants" in fresh:
        draft.variants = _read_json(reader, "variants", fresh["variants"], line, reader.variants)
    yield from reader.problems


def _read_json(
    reader: EntryReader, column: str, text: str, line: int, read: Callable[[Node], tuple[_T, ...]]
) -> tuple[_T, ...]:
    try:
        node = tree_of_json(text, line)
    except ValueError as error:
        reader.problems.append(Problem(line, column, f"is not JSON: {error}"))
        return ()
    return read(node)


def _missing(draft: _Draft) -> Iterator[Problem]:
    if draft.faulty:
        return
    if not draft.questions:
        yield Problem(draft.line, "question", "is missing in every language")
    if not draft.answers:
        yield Problem(draft.line, "answer", "is missing in every language")


def _entry(entry_id: str, draft: _Draft) -> FaqEntry:
    questions = {language: tuple(wordings) for language, wordings in draft.questions.items()}
    return FaqEntry(entry_id, questions, draft.answers, draft.once.get("category", ""), draft.form, draft.variants)
