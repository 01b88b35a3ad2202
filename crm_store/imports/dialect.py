"""The words in which SQLite and PostgreSQL differ, for statements that are otherwise the same.

Staged cells are text; these make of it what the store's columns hold.
"""

from __future__ import annotations

from typing import Protocol


class Dialect(Protocol):
    """Each method takes SQL expressions and gives one."""

    begin: str

    def differs(self, one: str, other: str) -> str:
        """Whether two values, either of which may be NULL, are not the same."""

    def day(self, iso: str) -> str:
        """A date of `2026-01-31`."""

    def moment(self, utc: str) -> str:
        """A moment of `2026-01-31 12:00:00.000000`, which is UTC."""

    def json(self, text: str) -> str:
        """A JSON column's value."""

    def merged(self, old: str, new: str) -> str:
        """One flat JSON object of two; where both have a key, the new one's value."""

    def adds(self, old: str, new: str) -> str:
        """Whether `merged` would be something else than the old object."""

    def object(self, **values: str) -> str:
        """A JSON object of these values."""


class Sqlite:
    """JSON is text there, as are dates; SQLAlchemy writes moments with six digits of a second."""

    begin = "BEGIN IMMEDIATE"

    def differs(self, one: str, other: str) -> str:
        return f"{one} IS NOT {other}"

    def day(self, iso: str) -> str:
        return iso

    def moment(self, utc: str) -> str:
        return utc

    def json(self, text: str) -> str:
        return text

    def merged(self, old: str, new: str) -> str:
        return f"json_patch({old}, {new})"

    def adds(self, old: str, new: str) -> str:
        return f"({new} <> '{{}}' AND json_patch({old}, {new}) <> json({old}))"

    def object(self, **values: str) -> str:
        return f"json_object({_pairs(values)})"


class Postgres:
    """JSON is jsonb there."""

    begin = "BEGIN"

    def differs(self, one: str, other: str) -> str:
        return f"{one} IS DISTINCT FROM {other}"

    def day(self, iso: str) -> str:
        return f"CAST({iso} AS date)"

    def moment(self, utc: str) -> str:
        return f"CAST({utc} || '+00' AS timestamptz)"

    def json(self, text: str) -> str:
        return f"CAST({text} AS jsonb)"

    def merged(self, old: str, new: str) -> str:
        return f"{_object(old)} || {_object(new)}"

    def adds(self, old: str, new: str) -> str:
        return f"NOT {old} @> {self.json(new)}"

    def object(self, **values: str) -> str:
        return f"jsonb_build_object({_pairs(values)})"


def _object(value: str) -> str:
    """Staged objects are text, stored ones are not."""
    return f"CAST({value} AS jsonb)"


def _pairs(values: dict[str, str]) -> str:
    return ", ".join(f"'{name}', {value}" for name, value in values.items())
