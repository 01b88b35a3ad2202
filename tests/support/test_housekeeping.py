"""What time does by itself."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count

import pytest

from crm_store.ids import new_id
from crm_store.models import AgentSession, InboxRow, LoginLink, OutboxRow, Schedule, Ticket, TicketEvent
from crm_store.repositories import outbox
from crm_store.store import Store
from crm_store.unit import Unit
from support import access, housekeeping
from support.agents import redelivery
from support.agents import work as agent_work
from support.housekeeping import CLOSE_AFTER, KEEP_CALLS, KEEP_UPDATES
from tests.support.shop import Shop, open_shop

_updates = count(1)


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def tidy(shop: Shop) -> None:
    for job in (housekeeping.close_resolved, housekeeping.throw_away):
        await shop.run(partial(job, _={}))


async def test_a_resolved_request_closes_after_seven_days(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.queue_up("resolved")
    await shop.act(agent_work.resolve, bob, who="resolved")
    await shop.queue_up("open")
    shop.now += CLOSE_AFTER
    await tidy(shop)
    assert [row.status for row in await shop.rows(Ticket)] == ["resolved", "new"]
    shop.pass_time(seconds=1)
    await tidy(shop)
    closed, still_open = await shop.rows(Ticket)
    assert (closed.status, closed.closed_at, still_open.status) == ("closed", shop.now, "new")
    events = [(event.kind, event.author) for event in await shop.rows(TicketEvent)]
    assert events.count(("closed", "system")) == 1
    await tidy(shop)
    assert len(await shop.rows(TicketEvent)) == len(events)


async def test_updates_that_took_effect_are_thrown_away_and_others_are_kept(shop: Shop) -> None:
    async def accept(unit: Unit) -> None:
        for state in ("done", "waiting", "failed"):
            unit.insert(
                InboxRow, id=new_id(), bot_id=42, update_id=next(_updates), chat_id=1, received_at=unit.now,
                body="{}", state=state, attempts=0,
            )  # fmt: skip

    await shop.run(accept)
    shop.now += KEEP_UPDATES + timedelta(seconds=1)
    await shop.run(accept)
    await tidy(shop)
    assert sorted(row.state for row in await shop.rows(InboxRow)) == ["done", "failed", "failed", "waiting", "waiting"]


async def test_words_of_calls_that_were_given_up_are_forgotten_after_a_week(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AT_ONCE", 3)
    said = await shop.hear("hello")

    async def call(unit: Unit) -> None:
        for state in ("uncertain", "sent", "failed", "waiting", "dropped"):
            payload = {"chat_id": 1, "message_id": -5, "text": state}
            unit.add(
                OutboxRow(
                    id=new_id(), bot_id=42, chat_id=1, method="sendMessage", payload=payload, state=state,
                    touchpoint_id=said.id, created_at=unit.now,
                )
            )  # fmt: skip

    async def forget() -> list[str]:
        await shop.run(partial(housekeeping.forget_calls, _={}))
        return [row.payload.get("text", "") for row in await shop.rows(OutboxRow)]

    await shop.run(call)
    shop.now += KEEP_CALLS
    await shop.run(call)
    assert await forget() == ["uncertain", "sent", "failed", "waiting", "dropped"] * 2
    shop.pass_time(seconds=1)
    await forget()
    assert await forget() == ["", "", "", "waiting", "", "uncertain", "sent", "failed", "waiting", "dropped"]
    assert await forget() == ["", "", "", "waiting", "", "uncertain", "sent", "failed", "waiting", "dropped"]
    old, *_, new = [row for row in await shop.rows(OutboxRow) if row.state == "uncertain"]
    assert old.payload == {"chat_id": 1, "message_id": -5}
    person = await shop.run(shop.known)
    assert not await shop.run(lambda unit: redelivery.resend(unit, person, str(old.id)))
    assert await shop.run(lambda unit: redelivery.resend(unit, person, str(new.id)))


async def test_links_and_sessions_that_nobody_can_use_any_more_are_thrown_away(shop: Shop) -> None:
    await shop.staff()
    link = await shop.run(lambda unit: access.login_link(unit, "Bob"))
    assert await shop.run(lambda unit: access.enter(unit, link))
    await shop.run(lambda unit: access.login_link(unit, "Bob"))
    await tidy(shop)
    assert (len(await shop.rows(LoginLink)), len(await shop.rows(AgentSession))) == (1, 1)
    shop.now += access.IDLE_LIMIT + timedelta(seconds=1)
    await tidy(shop)
    assert (await shop.rows(LoginLink), await shop.rows(AgentSession)) == ([], [])


async def test_planning_the_work_twice_changes_nothing(shop: Shop) -> None:
    await shop.run(housekeeping.plan)
    planned = [(row.key, row.next_run_at) for row in await shop.rows(Schedule)]
    shop.pass_time(hours=5)
    await shop.run(housekeeping.plan)
    assert [(row.key, row.next_run_at) for row in await shop.rows(Schedule)] == planned
    assert {key for key, _ in planned} >= {"close_resolved", "throw_away", "forget_calls"}
