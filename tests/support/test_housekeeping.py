"""What time does by itself."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest

from crm_store.ids import new_id
from crm_store.models import AgentSession, ForumTopic, InboxRow, LoginLink, OutboxRow, Schedule, Ticket, TicketEvent
from crm_store.repositories import outbox_forgetting, tidying
from crm_store.store import Store
from crm_store.unit import Unit
from support import access, housekeeping
from support.agents import redelivery
from support.agents import work as agent_work
from support.housekeeping import CLOSE_AFTER, KEEP_CALLS, KEEP_SENT, KEEP_UPDATES
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
    monkeypatch.setattr(outbox_forgetting, "AT_ONCE", 3)
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


async def test_updates_go_a_few_at_a_time_and_at_once_until_none_is_left(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "AT_ONCE", 2)

    async def accept(unit: Unit) -> None:
        for _ in range(5):
            unit.insert(
                InboxRow, id=new_id(), bot_id=42, update_id=next(_updates), chat_id=1, received_at=unit.now,
                body="{}", state="done", attempts=0,
            )  # fmt: skip

    await shop.run(accept)
    shop.now += KEEP_UPDATES + timedelta(seconds=1)
    left = []
    for due_at_once in (True, True, False, False):
        again = await shop.run(partial(housekeeping.throw_away, _={}))
        assert again == (shop.now if due_at_once else None)
        left.append(len(await shop.rows(InboxRow)))
    assert left == [3, 1, 0, 0]


async def test_calls_that_were_sent_long_ago_are_thrown_away_unless_somebody_needs_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_forgetting, "AT_ONCE", 3)
    one, two, three = [await shop.hear(words) for words in ("hello", "half of it", "twice")]
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("card", {"id": (card := new_id())}),
        ("of nobody's words", {}),
        ("of words", {"touchpoint_id": one.id}),
        ("topic", {"method": "createForumTopic"}),
        ("one piece", {"touchpoint_id": two.id}),
        ("another", {"touchpoint_id": two.id, "state": "failed"}),
        ("first attempt", {"touchpoint_id": three.id, "state": "dropped"}),
        ("second attempt", {"touchpoint_id": three.id}),
        ("waiting", {"state": "waiting"}),
        ("uncertain", {"state": "uncertain"}),
        ("of nobody's words either", {}),
    ]

    async def call(unit: Unit) -> None:
        for kind, more in kinds:
            values: dict[str, Any] = {"id": new_id(), "method": "sendMessage", "state": "sent", "error": kind} | more
            unit.add(OutboxRow(bot_id=42, chat_id=1, payload={"chat_id": 1}, created_at=unit.now, **values))
        topic = {"contact_point_id": one.contact_point_id, "chat_id": -1, "thread_id": 5, "created_at": unit.now}
        unit.add(ForumTopic(id=new_id(), card_message_id=-card, **topic))

    await shop.run(call)
    shop.now += KEEP_SENT
    assert await shop.run(partial(housekeeping.throw_away, _={})) is None
    assert len(await shop.rows(OutboxRow)) == len(kinds)
    shop.pass_time(seconds=1)
    again = [await shop.run(partial(housekeeping.throw_away, _={})) for _ in range(4)]
    assert again == [shop.now] * 3 + [None]
    gone = {"of nobody's words", "of words", "of nobody's words either"}
    assert [row.error for row in await shop.rows(OutboxRow)] == [kind for kind, _ in kinds if kind not in gone]


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
