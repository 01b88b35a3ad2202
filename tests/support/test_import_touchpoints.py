"""Calls, visits and complaints from other departments: in the ledger once, and never changed afterwards."""

from datetime import UTC, datetime
from itertools import groupby, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from crm_store.ids import new_id
from crm_store.models import Agent, ContactPoint, Touchpoint
from crm_store.store import Store
from support.imports.result import ImportResult
from tests.support.importing import Shop, places

CONTACTS = """external_id,customer_id,at,kind,direction,text,agent,outcome,minutes
T-1,C-1,2026-03-01 09:30,call,in,The grinder rattles,Ann,promised a part,12
T-2,C-1,2026-03-02T10:00:00+08:00,投诉,,等了两周,李雷,,
T-3,C-2,2026-03-03,note,,Wants a quote,,,
T-4,C-2,2026/3/4 8:05,Visit,呼出,,,,
"""


@pytest.fixture
async def shop(store: Store, tmp_path: Path) -> Shop:
    made = Shop(store, tmp_path)
    await made.take("customers", "customer_id\nC-1\nC-2\n")
    async with store.unit() as unit:
        unit.add(Agent(id=new_id(), name="Ann", created_at=unit.now))
    return made


async def contacts(shop: Shop) -> list[Touchpoint]:
    return list(await shop.all(Touchpoint, Touchpoint.at))


async def test_contacts_come_into_the_ledger_of_their_customer(shop: Shop) -> None:
    result = await shop.take("touchpoints", CONTACTS, zone=ZoneInfo("Asia/Shanghai"))
    assert result == ImportResult(added=4)

    call, complaint, note, visit = await contacts(shop)
    (ann,) = await shop.all(Agent, Agent.id)
    addresses = {row.id: row.address for row in await shop.all(ContactPoint, ContactPoint.id)}
    assert [addresses[row.contact_point_id] for row in (call, complaint, note, visit)] == ["C-1", "C-1", "C-2", "C-2"]
    assert (call.kind, call.direction, call.author, call.text) == ("call", "in", "customer", "The grinder rattles")
    assert (call.at, call.channel, call.client_key) == (datetime(2026, 3, 1, 1, 30, tzinfo=UTC), "shop", "T-1")
    assert (call.agent_id, call.payload) == (ann.id, {"agent": "Ann", "outcome": "promised a part", "minutes": "12"})
    assert (complaint.kind, complaint.direction, complaint.at.hour) == ("complaint", "in", 2)
    assert (complaint.agent_id, complaint.payload) == (None, {"agent": "李雷"})
    assert (note.kind, note.direction, note.author) == ("note", "internal", "agent")
    assert note.at == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert (visit.kind, visit.direction, visit.author, visit.text) == ("visit", "out", "agent", None)


async def test_a_repeated_file_changes_nothing(shop: Shop) -> None:
    await shop.take("touchpoints", CONTACTS)
    assert await shop.take("touchpoints", CONTACTS) == ImportResult(unchanged=4)
    assert await shop.count(Touchpoint) == 4


async def test_what_says_something_else_than_before_is_an_edit(shop: Shop) -> None:
    await shop.take("touchpoints", CONTACTS)
    edited = CONTACTS.replace("等了两周", "等了三周")
    assert await shop.take("touchpoints", edited) == ImportResult(changed=1, unchanged=3)
    assert await shop.take("touchpoints", edited) == ImportResult(unchanged=4)

    first, edit = [row for row in await contacts(shop) if "周" in (row.text or "")]
    assert (first.text, edit.text) == ("等了两周", "等了三周")
    assert (edit.kind, edit.about_id) == ("edit", first.id)
    assert edit.payload == {"kind": "complaint", "before": "等了两周", "agent": "李雷"}


@pytest.mark.parametrize(
    "words", [["A", "B", "A"], ["A", "B", "C", "B"], ["A", "B", "", "A", "A"], ["A", "B", "B", "A", "B"]]
)
async def test_every_change_of_mind_is_an_edit(shop: Shop, words: list[str]) -> None:
    told = []
    for said in words:
        text = f"external_id,customer_id,at,kind,text\nT-1,C-1,2026-03-01,call,{said}\nT-2,C-1,2026-03-01,call,\n"
        told.append(await shop.take("touchpoints", text))
    same = [after == before for before, after in pairwise(words)]
    assert [result.unchanged for result in told[1:]] == [2 if each else 1 for each in same]
    first, *edits = [row for row in await shop.all(Touchpoint, Touchpoint.id) if row.client_key != "T-2"]
    changes = [word or None for word, _ in groupby(words)]
    assert [first.text, *(edit.text for edit in edits)] == changes
    assert [(edit.payload or {})["before"] for edit in edits] == changes[:-1]
    assert {(edit.about_id, edit.kind) for edit in edits} == {(first.id, "edit")}


async def test_another_time_is_an_edit_each_time(shop: Shop) -> None:
    for clock, result in ((10, ImportResult(added=1)), *((hour, ImportResult(changed=1)) for hour in (11, 12, 10))):
        text = f"external_id,customer_id,at,kind,text\nT-1,C-1,2026-03-01 {clock}:00,call,Hello\n"
        assert await shop.take("touchpoints", text) == result
        assert await shop.take("touchpoints", text) == ImportResult(unchanged=1)
    assert [row.at.hour for row in await shop.all(Touchpoint, Touchpoint.id)] == [10, 11, 12, 10]


async def test_an_edit_of_a_former_version_is_known_by_its_key(shop: Shop) -> None:
    """It ended in the digest too, and did not name what it followed."""
    first, second = "T-1,C-1,2026-03-01,call,A\n", "T-1,C-1,2026-03-01,call,B\n"
    for row in (first, second):
        await shop.take("touchpoints", "external_id,customer_id,at,kind,text\n" + row)
    _, edit = await shop.all(Touchpoint, Touchpoint.id)
    number, _, digest = (edit.client_key or "").split("#")
    async with shop.store.write() as connection:
        values = {column.key: getattr(edit, column.key) for column in Touchpoint.__table__.columns}
        values |= {"id": new_id(), "client_key": f"{number}#{digest}"}
        await connection.execute(insert(Touchpoint).values(**values))
    assert (await shop.take("touchpoints", "external_id,customer_id,at,kind,text\n" + second)).unchanged == 1


async def test_erased_words_do_not_come_back(shop: Shop) -> None:
    await shop.take("touchpoints", CONTACTS)
    async with shop.store.write() as connection:
        gone = update(Touchpoint).where(Touchpoint.client_key == "T-1")
        await connection.execute(gone.values(text=None, payload=None, redacted_at=shop.store.clock()))
    assert await shop.take("touchpoints", CONTACTS) == ImportResult(unchanged=4)
    assert await shop.count(Touchpoint) == 4


async def test_every_problem_is_named(shop: Shop) -> None:
    text = (
        "external_id,customer_id,at,kind,direction\n"
        "T-1,C-9,2026-03-01,call,in\n"
        "T-2,C-1,yesterday,call,in\n"
        f"T-3,C-1,2026-03-01,{'long ' * 10},sideways\n"
        "T-4,C-1,1026-03-01,,\n"
        ",C-1,2026-03-01,call,\n"
    )
    error = await shop.refused("touchpoints", text)
    assert places(error) == [
        (2, "customer_id"),
        (3, "at"),
        (4, "kind"),
        (4, "direction"),
        (5, "at"),
        (5, "kind"),
        (6, "external_id"),
    ]
    assert await shop.count(Touchpoint) == 0
