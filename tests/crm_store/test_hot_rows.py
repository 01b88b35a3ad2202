"""Conversations of a batch are written by one statement, and a stale one is still refused."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import new_id
from crm_store.models import Conversation
from crm_store.store import Store
from tests.crm_store.test_schema import NOW, person


async def begin(store: Store, count: int) -> list[int]:
    async with store.unit() as unit:
        rows = []
        for _ in range(count):
            _, contact = person(unit)
            rows.append(
                unit.add(
                    Conversation(
                        id=new_id(), contact_point_id=contact.id, language="en", started_at=NOW, last_at=NOW, dialog={}
                    )
                )
            )
    return [row.id for row in rows]


async def test_a_batch_of_conversations_is_one_statement(store: Store) -> None:
    ids = await begin(store, 20)
    statements: list[str] = []
    event.listen(store.writer.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    async with store.unit() as unit:
        for i, conversation_id in enumerate(ids):
            row = await unit.session.get(Conversation, conversation_id)
            assert row
            row.dialog, row.last_at, row.language = {"failures": i}, NOW + timedelta(minutes=i), "zh-Hant"
    assert len([s for s in statements if s.startswith("UPDATE")]) == 1
    async with store.read() as session:
        kept = (await session.scalars(select(Conversation).order_by(Conversation.id))).all()
    assert [row.dialog["failures"] for row in kept] == list(range(20))
    assert [row.last_at for row in kept] == [NOW + timedelta(minutes=i) for i in range(20)]
    assert {(row.version, row.language, row.ended_at) for row in kept} == {(2, "zh-Hant", None)}


async def test_an_ended_conversation_makes_room_for_the_next_in_one_unit(store: Store) -> None:
    (former_id,) = await begin(store, 1)
    async with store.unit() as unit:
        former = await unit.session.get(Conversation, former_id)
        assert former
        former.ended_at = NOW
        unit.add(
            Conversation(
                id=new_id(),
                contact_point_id=former.contact_point_id,
                language="en",
                started_at=NOW,
                last_at=NOW,
                dialog={},
            )
        )
    async with store.read() as session:
        ended = (await session.scalars(select(Conversation.ended_at).order_by(Conversation.id))).all()
    assert ended == [NOW, None]


async def test_a_stale_conversation_is_refused_and_nothing_is_written(store: Store) -> None:
    ids = await begin(store, 3)
    late = store.open_unit()
    rows = [await late.session.get(Conversation, each) for each in ids]
    for row in rows:
        assert row
        row.dialog = {"failures": 9}
    async with store.unit() as unit:
        early = await unit.session.get(Conversation, ids[1])
        assert early
        early.dialog = {"failures": 1}
    with pytest.raises(StaleDataError):
        await store.commit(late)
    await late.close()
    async with store.read() as session:
        kept = (await session.scalars(select(Conversation.dialog).order_by(Conversation.id))).all()
    assert kept == [{}, {"failures": 1}, {}]
