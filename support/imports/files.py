"""Files of other departments into the store: CSV, JSON and XLSX, by the names that their columns have there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from pathlib import Path

from crm_store.repositories import column_mappings
from crm_store.store import Store
from faq.problems import Problem, UnreadableError
from support.imports.columns import fingerprint, names_of, problems_of
from support.imports.csv_table import open_csv
from support.imports.days import Order
from support.imports.importing import import_rows
from support.imports.json_table import open_json
from support.imports.kinds import Kind
from support.imports.records import Progress, no_progress
from support.imports.result import ImportFileError, ImportResult
from support.imports.table import Names, Table
from support.imports.xlsx_table import open_xlsx

CSV, JSON = frozenset({".csv", ".tsv", ".txt"}), frozenset({".json", ".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What somebody says of a file: their column names to ours, its encoding, the order of its dates, its time zone."""

    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    order: Order | None = None
    zone: tzinfo = UTC


async def import_file(
    store: Store,
    kind: Kind,
    path: Path,
    options: FileOptions | None = None,
    *,
    keep_good: bool = False,
    reading: Progress = no_progress,
    writing: Progress = no_progress,
) -> ImportResult:
    """As import_rows. The columns' names are remembered for the next file with the same header.

    `reading` hears bytes, `writing` rows. Raises ImportFileError, UnknownColumnError and StoreUnavailableError.
    """
    options = options or FileOptions()
    try:
        table = open_table(path, options.encoding, reading)
        names = await _names(store, kind, table, options.columns)
        _check_columns(path.name, kind, table, names)
        result = await import_rows(
            store,
            kind,
            table.rows(names),
            name=path.name,
            keep_good=keep_good,
            progress=writing,
            order=options.order,
            zone=options.zone,
        )
    except UnreadableError as error:
        raise ImportFileError(path.name, [error.problem]) from error
    if not result.total:
        raise ImportFileError(path.name, [Problem(1, "", "there are no rows below the header")])
    await _remember(store, kind, table, names)
    return replace(result, encoding=table.guessed)


def open_table(path: Path, encoding: str | None = None, progress: Progress = no_progress) -> Table:
    """By the ending of the file's name. Raises UnreadableError."""
    match path.suffix.lower():
        case ".xlsx":
            return open_xlsx(path, progress)
        case suffix if suffix in CSV:
            return open_csv(path, encoding, progress)
        case suffix if suffix in JSON:
            return open_json(path, encoding, progress)
        case suffix:
            raise UnreadableError(1, f"{suffix or 'no ending'!r} is not .csv, .xlsx, .json or .jsonl")


async def _names(store: Store, kind: Kind, table: Table, said: Mapping[str, str]) -> Names:
    """What is said now goes before what was remembered. Raises UnknownColumnError."""
    async with store.read() as session:
        known = await column_mappings.remembered(session, kind, fingerprint(table.header))
    again = {theirs: ours for theirs, ours in known.items() if ours not in said.values() or not ours}
    return names_of(kind, table.header, again | dict(said))


def _check_columns(name: str, kind: Kind, table: Table, names: Names) -> None:
    """Raises ImportFileError."""
    problems = list(problems_of(kind, table.header, names))
    if problems:
        raise ImportFileError(name, problems)


async def _remember(store: Store, kind: Kind, table: Table, names: Names) -> None:
    """Only what is not plain from the names themselves."""
    columns = {theirs: ours or "" for theirs, ours in names.items() if theirs and theirs != ours}
    if columns:
        await store.run(lambda unit: column_mappings.remember(unit, kind, fingerprint(table.header), columns, unit.now))
