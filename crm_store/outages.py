"""Which errors of a driver say that the database cannot be used just now: a table, looked up without a connection.

Only these are worth waiting for. Whatever else a driver raises is a fault of the program or of one row, and waiting for
it would make everybody stand still behind it.
"""

from __future__ import annotations

import errno
import sqlite3
import sys
from socket import gaierror

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

CONFLICT = "40"
"""SQLSTATE's class of what PostgreSQL takes back for another transaction's sake: deadlocks, serialization failures."""

SQLSTATES = ("08", "53", "57", "58", "25006", "25P03", "XX001", "XX002")
"""Connection lost; resources used up (disk full, too many connections); stopped by its operator, shutting down or
starting; faults of its disk; read-only; idle amid a transaction; damaged data, damaged index. See
https://www.postgresql.org/docs/current/errcodes-appendix.html"""

SQLITE_CODES = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
"""Not SQLITE_ERROR, which is a wrong statement. See https://sqlite.org/rescode.html"""

PRIMARY = 0xFF
"""SQLite's extended codes hold the primary one in their lowest byte."""

ERRNOS = frozenset(
    {
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETRESET,
        errno.ENETUNREACH,
        errno.EADDRNOTAVAIL,
        errno.EMFILE,
        errno.ENFILE,
    }
)
"""No way to the server, or no socket left to go by. Not those of files, which handlers meet too."""


def is_conflict(error: DBAPIError) -> bool:
    """Whether the transaction was taken back for another's sake."""
    return (_sqlstate(error) or "").startswith(CONFLICT)


def raw_errors() -> tuple[type[Exception], ...]:
    """What SQLAlchemy lets pass: the system's, and asyncpg's own where we use it directly and where SQLAlchemy sets a
    connection up. asyncpg comes only with the extra for PostgreSQL.
    """
    asyncpg = sys.modules.get("asyncpg")
    own = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) if asyncpg else ()
    return OSError, *own


def is_outage(error: Exception) -> bool:
    """Whether the database cannot be used just now; `error` is SQLAlchemy's or one of `raw_errors`."""
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError | gaierror) or error.errno in ERRNOS
    if not isinstance(error, DBAPIError):
        return _is_raw_outage(error)
    if error.connection_invalidated:
        return True
    if state := _sqlstate(error):
        return state.startswith(SQLSTATES)
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & PRIMARY in SQLITE_CODES
    return isinstance(error, OperationalError | InterfaceError) and not _is_bad_value(error)


def _is_raw_outage(error: Exception) -> bool:
    """The server says it by its SQLSTATE; the driver's own complaints are of the connection, but for bad values."""
    state: str | None = getattr(error, "sqlstate", None)
    return state.startswith(SQLSTATES) if state else not isinstance(error, ValueError)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _is_bad_value(error: DBAPIError) -> bool:
    """asyncpg says of a value that it cannot send, and of a closed connection, that they are of the interface."""
    return isinstance(error.orig and error.orig.__cause__, ValueError)
