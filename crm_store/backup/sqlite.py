"""A live copy of a SQLite database.

By VACUUM INTO, not by the backup API. Both are live, but the API begins anew whenever another connection commits,
unless it copies in one step, and it takes along the gaps of the file, where rows of old may stand. VACUUM INTO reads
one moment of the database in a single transaction and writes what is there, and no more: a second for 100 MB. It waits
for no writer, nor a writer for it; only the write-ahead log grows meanwhile. What it writes it does not bring to the
disk by itself (https://sqlite.org/lang_vacuum.html#vacuuminto).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from crm_store.backup.placing import NotBackedUpError, Progress, into_place

SIZE = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
BUSY_SECONDS = 10
LOOK_EVERY = 10_000
"""SQLite's own steps between two looks at how far it is: thousandths of a second."""


class NoDatabaseError(NotBackedUpError):
    """There is nothing to copy yet, or DATABASE_URL is another shop's."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"DATABASE_URL: there is no database to back up at {file}")


class BrokenBackupError(NotBackedUpError):
    """What was written does not read as it should: the database itself may be broken."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the copy is not sound and was thrown away: {why}. Look at the database: touchdesk doctor; "
            "keep the backups that you have"
        )


def copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    """Copies the database of the moment, and reads every page of the copy.

    Raises NotBackedUpError, OSError and sqlite3.Error.
    """
    if not source.is_file():
        raise NoDatabaseError(source)
    with into_place(target) as part:
        with closing(_opened(source, "rw")) as connection:
            (size,) = connection.execute(SIZE).fetchone()
            connection.set_progress_handler(lambda: progress(part.stat().st_size, size), LOOK_EVERY)
            connection.execute("VACUUM INTO ?", (str(part),))
        _check(part)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    """Without making a file where there is none."""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )


def _check(part: Path) -> None:
    try:
        with closing(_opened(part, "ro")) as connection:
            words = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
    except sqlite3.DatabaseError as error:
        raise BrokenBackupError(str(error)) from error
    if words != ["ok"]:
        raise BrokenBackupError("; ".join(words))
