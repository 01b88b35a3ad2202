"""A company account shows its people and what is open with them."""

from __future__ import annotations

from crm_store.store import Store
from crm_store.unit import Unit
from support.customers.merging import merge
from support.customers.organisations import organisation_view
from tests.crm_store.test_indexes import full_scans, statements
from tests.support.identity import NOW, add_contact, add_customer, add_organisation, add_ticket
from tests.support.shop import score


async def settle(unit: Unit) -> dict[str, int]:
    firm, other = (add_organisation(unit, name) for name in ("Firm", "Other"))
    ids = {"firm": firm.id}
    for name, organisation in (("Bo", firm), ("Ann", firm), ("Gone", firm), ("Eve", other), ("Zoe", None)):
        row = add_customer(unit, name, organisation_id=organisation.id if organisation else None)
        contact = add_contact(unit, row)
        for status in ("new", "closed"):
            add_ticket(unit, row, contact, f"{name} {status}", status=status)
        ids[name] = row.id
    unit.add(score(ids["Ann"], tier="major"))
    add_customer(unit, "Erased", organisation_id=firm.id, erased_at=NOW)
    return ids


async def test_members_and_their_open_requests_and_nobody_elses(store: Store) -> None:
    ids = await store.run(settle)
    await store.run(lambda unit: merge(unit, ids["Ann"], ids["Gone"], None))
    async with store.read() as session:
        view = await organisation_view(session, ids["firm"])
        assert await organisation_view(session, 7) is None
    assert view is not None
    assert (view.name, view.member_count, view.ticket_count) == ("Firm", 2, 3)
    assert [(m.name, m.tier) for m in view.members.items] == [("Ann", "major"), ("Bo", None)]
    assert sorted((t.customer, t.subject) for t in view.tickets.items) == [
        ("Ann", "Ann new"),
        ("Ann", "Gone new"),
        ("Bo", "Bo new"),
    ]


async def test_both_lists_are_paged(store: Store) -> None:
    ids = await store.run(settle)
    async with store.read() as session:
        first = await organisation_view(session, ids["firm"], size=2)
        second = await organisation_view(session, ids["firm"], size=2, members_page=1, tickets_page=1)
    assert first
    assert second
    assert [(len(v.members.items), v.members.more) for v in (first, second)] == [(2, True), (1, False)]
    assert [(len(v.tickets.items), v.tickets.more) for v in (first, second)] == [(2, True), (1, False)]


async def test_an_account_is_found_by_index(store: Store) -> None:
    ids = await store.run(settle)
    with statements(store) as seen:
        async with store.read() as session:
            await organisation_view(session, ids["firm"])
    for statement, parameters in seen:
        assert not await full_scans(store, statement, parameters), statement
