"""Every table and personal column of the schema is in the register, or named as holding nothing, with a reason."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Table

from crm_store.models import Base
from crm_store.privacy.register import HOLDINGS, WITHOUT, Holding

TABLES = {table.name: table for table in Base.metadata.sorted_tables}
REGISTER = {holding.name: holding for holding in HOLDINGS}
LEADS_TO_SOMEBODY = {"customer", "contact_point", "touchpoint", "ticket", "conversation", "customer_order", "merge"}
NAMES_OF_SOMEBODY = {"customer_id", "contact_point_id", "touchpoint_id", "ticket_id", "order_id", "conversation_id"}
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def personal(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if "pii" in column.info]


def reaches_somebody(table: Table) -> bool:
    targets = {key.column.table.name for column in table.columns for key in column.foreign_keys}
    return bool(targets & LEADS_TO_SOMEBODY or {column.name for column in table.columns} & NAMES_OF_SOMEBODY)


def test_every_table_is_in_the_register_or_named_as_holding_nothing() -> None:
    assert set(TABLES) == REGISTER.keys() | WITHOUT.keys(), "decide what a copy and an erasure do with the new table"
    assert not REGISTER.keys() & WITHOUT.keys()
    assert len(REGISTER) == len(HOLDINGS)


@pytest.mark.parametrize("name", WITHOUT)
def test_what_holds_nothing_has_no_personal_column_and_leads_to_nobody(name: str) -> None:
    assert WITHOUT[name]
    assert not personal(TABLES[name])
    assert not reaches_somebody(TABLES[name])


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_every_personal_column_is_erased_and_copied_or_there_is_a_reason(holding: Holding) -> None:
    columns = {column.name for column in personal(TABLES[holding.name])}
    left = set(holding.left(NOW)) if holding.left else columns
    assert columns <= left
    assert not holding.stays or not columns or holding.name == "search_entry"  # which its own erasure empties
    assert not (columns & holding.hidden.keys()) - {"phone_hash", "email_hash"} or holding.not_copied
    assert set(holding.hidden) <= set(TABLES[holding.name].columns.keys())


def test_a_new_table_or_column_would_be_noticed() -> None:
    table = Table("parcel", Base.metadata.__class__(), Column("customer_id"), Column("note", info={"pii": "words"}))
    assert reaches_somebody(table)
    assert [column.name for column in personal(table)] == ["note"]
