"""Into the queue and out of it again; one agent holds a customer, whoever else tries."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from crm_store.models import Audit, Escalation, Ticket, TicketEvent, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import escalations
from support.agents import work as agent_work
from support.errors import NothingOpenError, TakenError
from support.policy import Reason, Standing
from support.tickets import open_ticket
from tests.support.shop import Shop, new_score_for, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def only(shop: Shop) -> Escalation:
    (row,) = await shop.rows(Escalation)
    return row


async def history(shop: Shop) -> list[str]:
    return [event.kind for event in await shop.rows(TicketEvent)]


async def test_who_comes_in_gets_a_ticket_and_the_reasons_are_kept(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        person = await shop.met(unit)
        new_score_for(unit, person, tier="vip", percentile=99.5, risk=0.4)
        reasons = [Reason("vip"), Reason("failed_answers", {"count": 2})]
        await escalations.escalate(shop.desk, unit, person, reasons, subject="It leaks.", urgent=True)

    await shop.run(work)
    row, (ticket,) = await only(shop), await shop.rows(Ticket)
    assert (row.state, row.urgent, row.value_percentile, row.risk, row.ticket_id) == (
        "waiting", True, 99.5, 0.4, ticket.id,
    )  # fmt: skip
    assert [(r["code"], r["weight"], r["facts"]) for r in row.reasons] == [
        ("vip", 1.0, {}),
        ("failed_answers", 0.8, {"count": 2}),
    ]
    assert (ticket.subject, ticket.status) == ("It leaks", "new")
    assert await history(shop) == ["opened", "escalated"]
    assert shop.room.told_of == [("opened", "It leaks")]
    assert "escalated" in [row.kind for row in await shop.rows(Touchpoint)]


async def test_an_open_ticket_is_used_and_a_second_escalation_only_adds_its_reasons(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        person = await shop.met(unit)
        await open_ticket(shop.desk, unit, person, "a request")
        await escalations.escalate(shop.desk, unit, person, [Reason("vip")], subject="new words")

    await shop.run(work)
    await shop.queue_up("nia", "vip", "complaint", urgent=True)
    row = await only(shop)
    assert [reason["code"] for reason in row.reasons] == ["vip", "complaint"]
    assert row.urgent
    assert len(await shop.rows(Ticket)) == 1
    await shop.queue_up("nia", "vip")
    assert [r["code"] for r in (await only(shop)).reasons] == ["vip", "complaint", "service_risk"], "it is open by now"
    told = list(shop.room.told_of)
    await shop.queue_up("nia", "vip")
    assert shop.room.told_of == told, "nothing new, nothing told"
    assert (await only(shop)).urgent, "haste is not taken back"


async def test_two_agents_race_and_exactly_one_wins(shop: Shop) -> None:
    agents = [await shop.staff(name) for name in ("Bob", "Eve", "Ida")]
    await shop.queue_up()
    ready = asyncio.Barrier(len(agents))
    tries = {agent.name: 0 for agent in agents}

    async def claim(unit: Unit, n: int) -> None:
        person = await shop.known(unit)
        tries[agents[n].name] += 1
        if tries[agents[n].name] == 1:
            await ready.wait()  # everybody has seen that nobody holds
        await agent_work.claim(shop.desk, unit, agents[n], person)

    results = await asyncio.gather(*(shop.run(partial(claim, n=n)) for n in range(len(agents))), return_exceptions=True)
    losers = [result for result in results if isinstance(result, TakenError)]
    assert [type(result) for result in results].count(type(None)) == 1
    assert len(losers) == len(agents) - 1
    row = await only(shop)
    winner = next(agent for agent in agents if agent.id == row.agent_id)
    assert results[agents.index(winner)] is None
    assert {loser.params["agent"] for loser in losers} == {winner.name}
    assert [text for text in await shop.said() if winner.name in text] == await shop.said(), "introduced once"
    assert [row.action for row in await shop.rows(Audit)].count("escalation.claimed") == 1


async def test_claiming_what_one_holds_changes_nothing(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.queue_up()
    for _ in range(2):
        await shop.act(agent_work.claim, bob)
    assert len(await shop.said()) == 1
    assert (await history(shop)).count("started") == 1


async def test_only_the_holder_releases_and_resolves(shop: Shop) -> None:
    bob, eve = await shop.staff("Bob"), await shop.staff("Eve")
    await shop.queue_up()
    await shop.act(agent_work.claim, bob)
    for deed in (agent_work.claim, agent_work.release, agent_work.resolve):
        with pytest.raises(TakenError, match="held by Bob"):
            await shop.act(deed, eve)
    assert (await only(shop)).agent_id == bob.id


async def test_a_released_customer_is_back_in_the_queue_and_can_be_taken(shop: Shop) -> None:
    bob, eve = await shop.staff("Bob"), await shop.staff("Eve")
    await shop.queue_up()
    await shop.act(agent_work.claim, bob)
    first = (await only(shop)).claimed_at
    shop.pass_time(minutes=5)
    await shop.act(agent_work.release, bob)
    row = await only(shop)
    assert (row.state, row.agent_id) == ("waiting", None)
    await shop.act(agent_work.claim, eve)
    row = await only(shop)
    assert (row.state, row.agent_id, row.claimed_at) == ("claimed", eve.id, first)


async def test_resolving_ends_both_and_the_next_matter_is_a_new_one(shop: Shop) -> None:
    bob = await shop.staff()
    first = await shop.queue_up()
    await shop.act(agent_work.resolve, bob)
    row, (ticket,) = await only(shop), await shop.rows(Ticket)
    assert (row.state, row.outcome, row.ended_at) == ("resolved", "resolved", shop.now)
    assert (ticket.status, ticket.resolved_at) == ("resolved", shop.now)
    for deed in (agent_work.claim, agent_work.release, agent_work.resolve):
        with pytest.raises(NothingOpenError):
            await shop.act(deed, bob)
    assert await shop.queue_up() != first
    assert len(await shop.rows(Ticket)) == 2


async def test_an_agent_may_write_first(shop: Shop) -> None:
    bob, eve = await shop.staff("Bob"), await shop.staff("Eve")
    await shop.run(shop.met)
    await shop.act(escalations.take_up, bob)
    row = await only(shop)
    assert (row.state, row.agent_id, [reason["code"] for reason in row.reasons]) == ("claimed", bob.id, ["agent"])
    with pytest.raises(TakenError):
        await shop.act(escalations.take_up, eve)


async def test_two_messages_at_once_make_one_escalation(shop: Shop) -> None:
    await shop.run(shop.met)
    await asyncio.gather(shop.queue_up("nia", "complaint"), shop.queue_up("nia", "asked_human"))
    row = await only(shop)
    assert {reason["code"] for reason in row.reasons} >= {"complaint", "asked_human"}
    numbers = [ticket.number for ticket in await shop.rows(Ticket)]
    assert len(numbers) == 1


async def test_what_the_policy_may_know(shop: Shop) -> None:
    async def work(unit: Unit) -> None:
        person = await shop.met(unit)
        assert escalations.standing(person, 1) == Standing(failures=1)
        new_score_for(unit, person, tier="major", stage="churn", at_risk=True)
        standing = escalations.standing(person)
        assert (standing.tier, standing.stage, standing.at_risk, standing.queued) == ("major", "churn", True, False)
        await escalations.escalate(shop.desk, unit, person, [], subject="x")
        assert escalations.standing(person).queued
        assert not escalations.standing(person).claimed

    await shop.run(work)
