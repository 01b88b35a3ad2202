"""Keys of other programs, and what they read."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import ApiKey, Audit, Customer
from crm_store.store import Store
from crm_store.unit import Unit
from support.api_keys import (
    Caller,
    KeyNameTakenError,
    Scope,
    UnknownKeyError,
    add_key,
    list_keys,
    note_read,
    revoke_key,
)

TILL = Caller(1, "till", frozenset())


async def test_a_key_is_shown_once_and_kept_as_a_hash(store: Store) -> None:
    secret = await store.run(lambda unit: add_key(unit, "till", [Scope.ORDERS_WRITE, Scope.ORDERS_WRITE]))
    async with store.read() as session:
        (kept,) = await list_keys(session)
        lines = list(await session.scalars(select(Audit).where(Audit.object_kind == "api_key")))
    assert secret.startswith("td_")
    assert len(secret) >= 46
    assert (kept.scopes, kept.last_used_at, kept.revoked_at) == (["orders:write"], None, None)
    told = [str(vars(row)) for row in (kept, *lines)]
    assert not any(secret in text or secret[3:] in text for text in told)
    assert [(line.action, line.data) for line in lines] == [
        ("api_key.added", {"name": "till", "scopes": ["orders:write"]})
    ]


async def test_a_name_is_given_once_even_after_it_was_revoked(store: Store) -> None:
    await store.run(lambda unit: add_key(unit, "till", [Scope.ORDERS_WRITE]))
    for _ in range(2):
        with pytest.raises(KeyNameTakenError, match="choose another name"):
            await store.run(lambda unit: add_key(unit, "till", [Scope.ORDERS_WRITE]))
        async with store.read() as session:
            if (await session.scalars(select(ApiKey))).one().revoked_at:
                break
        await store.run(lambda unit: revoke_key(unit, "till"))


async def test_only_a_key_that_still_opens_something_is_revoked(store: Store) -> None:
    await store.run(lambda unit: add_key(unit, "till", [Scope.ORDERS_WRITE]))
    await store.run(lambda unit: revoke_key(unit, "till"))
    for name in ("till", "Till", "nobody"):
        with pytest.raises(UnknownKeyError, match="api-key list"):
            await store.run(partial(revoke_key, name=name))


async def test_reading_a_customer_is_noted_and_reading_nobody_is_not(store: Store) -> None:
    ann = new_id()

    async def arrive(unit: Unit) -> None:
        unit.add(Customer(id=ann, external_id="ann", name="Ann", created_at=unit.now))

    await store.run(arrive)
    for external_id in ("ann", "nobody", None):
        await store.run(partial(note_read, caller=TILL, route="/customers/{external_id}", external_id=external_id))
    async with store.read() as session:
        lines = list(await session.scalars(select(Audit).where(Audit.action == "api.read").order_by(Audit.id)))
    assert [(line.object_kind, line.object_id) for line in lines] == [("customer", str(ann)), ("customer", "*")]
    assert lines[0].data == {"key": "till", "route": "/customers/{external_id}"}
