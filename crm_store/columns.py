"""Column types shared by all models: UTC moments, 64-bit ids, JSON, encrypted text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, ForeignKey, Integer, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from crm_store.vault import vault

BigInt = BigInteger().with_variant(Integer, "sqlite")  # SQLite's integers have 64 bits; only INTEGER can be the row id
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class NaiveMomentError(ValueError):
    """A moment without a time zone was about to be stored."""

    def __init__(self, value: datetime) -> None:
        super().__init__(f"{value!r} has no time zone; moments are stored in UTC")


class UnknownNameError(ValueError):
    """A name was about to be stored in a column of known names that does not know it."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        super().__init__(f"{name!r} is none of {', '.join(names)}")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveMomentError(value)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Encrypted(TypeDecorator[str]):
    """Text that is stored encrypted; find it by the keyed hash in the column beside it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault().encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault().decrypt(value)


class SealedJson(TypeDecorator[dict[str, Any]]):
    """A dict that is stored encrypted as a whole, in a column of JSON: what it holds is encrypted elsewhere too."""

    impl = Json
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else {"sealed": vault().encrypt(json.dumps(value, ensure_ascii=False))}

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else cast(dict[str, Any], json.loads(vault().decrypt(value["sealed"])))


class Coded(TypeDecorator[str]):
    """One of a few known names, stored as its place among them, from 1: a million of them take a byte each.

    Names may be added at the end; none may be moved or removed, because rows hold their places.
    """

    impl = SmallInteger
    cache_ok = True

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = tuple(map(str, names))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> int | None:
        return None if value is None else self.code(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> str | None:
        return None if value is None else self.names[value - 1]

    def code(self, name: str) -> int:
        """Raises UnknownNameError."""
        try:
            return self.names.index(name) + 1
        except ValueError as error:
            raise UnknownNameError(name, self.names) from error


Id = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=False)]


def ref(target: str) -> ForeignKey:
    """A foreign key that is checked at commit, because a unit's bulk inserts are not sorted by it."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")
