"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """ERROR: something does not work, or what is kept is in danger. WARNING: it works, and should be looked at."""

    ERROR = "error"
    WARNING = "warning"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was found, `why` it matters, and how to `mend` it; both are empty where all is well."""

    level: Level
    what: str
    why: str = ""
    mend: str = ""


def ok(what: str) -> Finding:
    return Finding(Level.OK, what)


def warning(what: str, why: str, mend: str) -> Finding:
    return Finding(Level.WARNING, what, why, mend)


def error(what: str, why: str, mend: str) -> Finding:
    return Finding(Level.ERROR, what, why, mend)
