"""Rows as JSON has them: flat and bounded; what their cells may say is the import's concern."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

MOST_ROWS = 1_000
MOST_COLUMNS = 100
LONGEST_CELL = 10_000
LONGEST_NAME = 100
LARGEST_NUMBER = 2**63 - 1

CELL = {"type": ["string", "number", "boolean", "null"]}


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise PydanticCustomError("too_long", f"is longer than {LONGEST_CELL:,} characters")
        return value
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, int | float):
        raise PydanticCustomError("not_a_cell", "must be a text, a number, true, false or null")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:  # nor is NaN
        raise PydanticCustomError("too_large", "is a number of more than 64 bits; send it as a text")
    return value


def _name(text: str) -> str:
    """A column's name, which is told again if its cell is wrong. Raises PydanticCustomError."""
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in text):
        raise PydanticCustomError("unstorable", "has a character that cannot be kept")
    return text


Cell = Annotated[str | int | float | None, PlainValidator(_cell, json_schema_input_type=str | int | float | None)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_name)]
Row = Annotated[dict[Name, Cell], Field(max_length=MOST_COLUMNS)]


class Batch(BaseModel):
    """Some rows of one kind; columns beyond ours are kept as attributes."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[list[Row], Field(min_length=1, max_length=MOST_ROWS)]


def with_columns(columns: Iterable[str], needed: Iterable[str]) -> ConfigDict:
    """Tells the API's description which columns mean something to us, and which must be there."""

    def describe(schema: dict[str, Any]) -> None:
        row = schema["properties"]["rows"]["items"]
        row.update(properties=dict.fromkeys(columns, CELL), required=list(needed))

    return ConfigDict(extra="forbid", json_schema_extra=describe)
