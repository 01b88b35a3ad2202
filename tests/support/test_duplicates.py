"""Records that may be one customer are suggested with what speaks for it, and not again once refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from crm_store.models import Customer
from crm_store.queries import duplicates as found
from crm_store.store import Store
from crm_store.unit import Unit
from support.access import add_agent
from support.customers.duplicates import merge_suggested, refuse, suggestions
from support.customers.errors import NotSuggestedError
from support.customers.merging import merge, unmerge
from tests.crm_store.test_indexes import full_scans, statements
from tests.support.identity import NOW, add_customer, add_order, add_organisation

Told = list[tuple[str, str, tuple[str, ...]]]


async def suggested(store: Store, page: int = 0, size: int = 20) -> Told:
    """(kept, gone, evidence) by name."""
    async with store.read() as session:
        shown = (await suggestions(session, page, size)).items
    return [(s.kept.name, s.gone.name, tuple(e.code for e in s.evidence)) for s in shown]


async def test_phone_and_mail_in_common_are_evidence_however_they_are_written(store: Store) -> None:
    async def settle(unit: Unit) -> None:
        add_customer(unit, "Ann", phone="+49 170 1234567", email="ann@x.example")
        add_customer(unit, "A. Berg", phone="0049 1701234567")
        add_customer(unit, "Anna", email="Ann@X.example")
        add_customer(unit, "Bo", phone="+49 170 7654321", email="bo@x.example")
        add_customer(unit, "Cy")
        add_customer(unit, "Cy")

    await store.run(settle)
    assert sorted(await suggested(store)) == [("Ann", "A. Berg", ("phone",)), ("Ann", "Anna", ("email",))]


async def test_a_name_is_evidence_with_an_order_or_an_organisation_in_common(store: Store) -> None:
    async def settle(unit: Unit) -> None:
        firm, other = (add_organisation(unit, name) for name in ("Firm", "Other"))
        ann, anna = add_customer(unit, "Ann Berg"), add_customer(unit, "ann  berg", external_id="C-2")
        add_order(unit, ann, 3, "12.50")
        add_order(unit, anna, 3, "12.50")
        wei, _, _ = (add_customer(unit, "王 伟", organisation_id=o.id) for o in (firm, firm, other))
        add_order(unit, wei, 3, "12.50")
        add_order(unit, add_customer(unit, "Bo"), 3, "12.50")
        add_order(unit, add_customer(unit, "Bo"), 3, "12.51")

    await store.run(settle)
    async with store.read() as session:
        first, second = (await suggestions(session)).items
    assert (first.kept.external_id, first.gone.name) == ("C-2", "Ann Berg"), "the shop's own record stays"
    assert [each.as_json() for each in first.evidence] == [
        {"code": "order", "day": "2026-11-03", "amount": "12.50", "currency": "EUR"}
    ]
    assert [each.code for each in second.evidence] == ["organisation"]
    assert {second.kept.organisation, second.gone.organisation} == {"Firm"}


async def test_the_likeliest_come_first_a_page_at_a_time(store: Store) -> None:
    async def settle(unit: Unit) -> None:
        for n in range(5):
            for name in ("one", "other"):
                extra = {"email": f"{n}@x.example"} if n == 2 else {}
                add_customer(unit, f"{name} {n}", phone=f"+49 170 123450{n}", **extra)

    await store.run(settle)
    assert (await suggested(store))[0] == ("one 2", "other 2", ("phone", "email"))
    pages = [await suggested(store, page, 2) for page in range(4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert len({pair for page in pages for pair in page}) == 5
    async with store.read() as session:
        assert [(await suggestions(session, page, 2)).more for page in range(3)] == [True, True, False]


async def test_what_very_many_share_says_nothing(store: Store) -> None:
    async def settle(unit: Unit) -> None:
        for n in range(found.MOST_SHARING + 1):
            add_customer(unit, f"c{n}", phone="+49 30 1234567")
        for n in range(found.MOST_SHARING):
            add_customer(unit, f"d{n}", phone="+49 30 7654321")

    await store.run(settle)
    everybody = await suggested(store, size=100)
    assert len(everybody) == found.MOST_SHARING * (found.MOST_SHARING - 1) / 2
    assert all(kept[0] == gone[0] == "d" for kept, gone, _ in everybody)


def _by(deed: Callable[..., Awaitable[object]], *who: object) -> Callable[[Unit], Awaitable[object]]:
    return lambda unit: deed(unit, *who)


async def three(store: Store) -> list[int]:
    async def settle(unit: Unit) -> list[int]:
        return [add_customer(unit, name, phone="+49 170 1234567").id for name in ("Ann", "Anna", "Änne")]

    return await store.run(settle)


async def test_who_is_refused_is_not_suggested_again_even_in_another_record(store: Store) -> None:
    ann, anna, aenne = await three(store)
    agent = await store.run(lambda unit: add_agent(unit, "Bob"))
    await store.run(lambda unit: refuse(unit, aenne, anna, agent))
    assert sorted(await suggested(store)) == [("Ann", "Anna", ("phone",)), ("Ann", "Änne", ("phone",))]
    for again in (refuse, merge_suggested):
        with pytest.raises(NotSuggestedError):
            await store.run(_by(again, anna, aenne, agent))
    merged = await store.run(lambda unit: merge_suggested(unit, ann, anna, agent))
    assert (merged.agent_id, merged.evidence) == (agent.id, [{"code": "phone"}])
    assert await suggested(store) == [], "Änne is not Anna, who is Ann now"
    await store.run(lambda unit: unmerge(unit, merged.id, agent))
    assert len(await suggested(store)) == 2


async def test_merged_and_erased_records_are_not_suggested(store: Store) -> None:
    ann, anna, aenne = await three(store)
    await store.run(lambda unit: merge(unit, ann, anna, None))
    assert await suggested(store) == [("Ann", "Änne", ("phone",))]

    async def erase(unit: Unit) -> None:
        row = await unit.session.get(Customer, aenne)
        assert row
        row.erased_at = NOW

    await store.run(erase)
    assert await suggested(store) == []


async def test_two_strangers_cannot_be_merged_or_refused_by_suggestion(store: Store) -> None:
    async def settle(unit: Unit) -> tuple[int, int]:
        return add_customer(unit, "Ann").id, add_customer(unit, "Bo").id

    one, other = await store.run(settle)
    agent = await store.run(lambda unit: add_agent(unit, "Bob"))
    for deed in (refuse, merge_suggested):
        with pytest.raises(NotSuggestedError):
            await store.run(_by(deed, one, other, agent))


async def test_a_pair_and_its_details_are_found_by_index(store: Store) -> None:
    with statements(store) as seen:
        async with store.read() as session:
            await found.pair(session, 1, 2)
            await found.records(session, [1, 2])
            await found.common_orders(session, [(1, 2)])
    for statement, parameters in seen:
        assert not await full_scans(store, statement, parameters), statement
