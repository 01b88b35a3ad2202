"""The schema is what the models say, and the database itself keeps the ledger."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from crm_store.ids import new_id
from crm_store.migrate import SchemaState, differences, migrate, schema_state
from crm_store.models import Base, ContactPoint, Customer, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def person(unit: Unit, **of_customer: object) -> tuple[Customer, ContactPoint]:
    customer = unit.add(Customer(id=new_id(), name="Anna", created_at=NOW, attributes={}, **of_customer))
    contact = unit.add(
        ContactPoint(id=new_id(), customer_id=customer.id, channel="web", address=str(new_id()), created_at=NOW)
    )
    return customer, contact


def words(contact: ContactPoint, said: str) -> Touchpoint:
    return Touchpoint(
        id=new_id(),
        contact_point_id=contact.id,
        at=NOW,
        channel="web",
        direction="in",
        author="customer",
        kind="text",
        text=said,
    )


async def test_models_match_migrations(store: Store) -> None:
    assert await differences(store) == []
    assert await schema_state(store) is SchemaState.CURRENT


async def test_migrating_twice_changes_nothing(store: Store) -> None:
    await migrate(store)
    assert await schema_state(store) is SchemaState.CURRENT


def test_every_relation_must_be_loaded_explicitly() -> None:
    relations = [r for mapper in Base.registry.mappers for r in inspect(mapper).relationships]
    assert relations
    assert {relation.lazy for relation in relations} == {"raise"}


def test_every_constraint_has_a_name() -> None:
    unnamed = [(t.name, c) for t in Base.metadata.tables.values() for c in t.constraints if not c.name]
    assert unnamed == []


async def test_moments_come_back_in_utc_and_ids_have_64_bits(store: Store) -> None:
    async with store.unit() as unit:
        _, contact = person(unit)
        contact.chat_id = -(2**62)
    async with store.read() as session:
        kept = (await session.scalars(select(ContactPoint))).one()
    assert kept.chat_id == -(2**62)
    assert kept.created_at == NOW
    assert kept.created_at.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="time zone"):
        async with store.unit() as unit:
            customer, _ = person(unit)
            customer.created_at = NOW.replace(tzinfo=None)


async def test_personal_columns_are_encrypted_at_rest(store: Store) -> None:
    async with store.unit() as unit:
        person(unit, phone="+8613800138000", email="anna@example.org")
    async with store.reader.connect() as connection:
        raw = (await connection.execute(text("SELECT phone, email FROM customer"))).one()
    assert "138" not in raw.phone
    assert "anna" not in raw.email
    async with store.read() as session:
        kept = (await session.scalars(select(Customer))).one()
    assert (kept.phone, kept.email) == ("+8613800138000", "anna@example.org")


@pytest.mark.parametrize(
    "change",
    [update(Touchpoint).values(text="something else"), update(Touchpoint).values(text=None), delete(Touchpoint)],
)
async def test_the_ledger_cannot_be_changed(store: Store, change: object) -> None:
    async with store.unit() as unit:
        _, contact = person(unit)
        unit.add(words(contact, "hello"))
    with pytest.raises(DBAPIError, match="append-only"):
        async with store.write() as connection:
            await connection.execute(change)  # type: ignore[call-overload]
    async with store.read() as session:
        assert (await session.scalars(select(Touchpoint.text))).all() == ["hello"]


async def test_erasure_is_the_one_change_the_ledger_allows(store: Store) -> None:
    async with store.unit() as unit:
        _, contact = person(unit)
        unit.add(words(contact, "hello"))
    async with store.write() as connection:
        await connection.execute(update(Touchpoint).values(text=None, payload=None, redacted_at=NOW))
    async with store.read() as session:
        assert (await session.scalars(select(Touchpoint.text))).all() == [None]


def test_columns_with_personal_data_are_tagged() -> None:
    suspicious = ("phone", "email", "name", "text", "username", "subject", "body")
    untagged = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in suspicious) and "pii" not in column.info
    }
    people = {"organisation.name", "agent.name", "faq_phrasing.text", "faq_answer.text"}
    programs = {"api_key.name", "idempotency_key.body_hash", "merged_row.table_name"}
    assert untagged == people | programs
