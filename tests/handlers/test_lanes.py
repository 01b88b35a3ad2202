"""Who says something decides who goes first, and for how long it is worth sending."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.models import OutboxRow, Touchpoint
from crm_store.repositories import people
from crm_store.repositories.lanes import Lane
from crm_store.store import Store
from crm_store.unit import Unit
from handlers.channel import BOT_WORDS_WANTED_FOR
from support.agents import redelivery, work
from tests.handlers.test_consequences import FORUM, NIA, Desk
from tests.support.shop import open_shop
from workers.outcomes import Fate


@pytest.fixture
async def desk(sqlite_store: Store) -> Desk:
    return Desk(await open_shop(sqlite_store))


async def answered(desk: Desk) -> None:
    """Nia asks for a human, and Ann answers her."""
    agent = await desk.shop.staff("Ann")
    await desk.hear("a human please")

    async def answer(unit: Unit) -> None:
        person = await people.by_address(unit, NIA.channel, NIA.address)
        assert person
        await work.answer(desk.shop.desk, unit, agent, person, "How can I help?")

    await desk.shop.run(answer)


async def test_agents_go_first_then_answers_then_notices_and_the_forum(desk: Desk) -> None:
    await answered(desk)
    said = {row.id: row for row in await desk.shop.rows(Touchpoint)}
    manners = [
        (said[row.touchpoint_id].kind, row.lane, row.repeat, row.expires_at and row.expires_at - row.created_at)
        for row in await desk.calls()
        if row.touchpoint_id
    ]
    assert manners[0] == ("text", Lane.ANSWER, "once", BOT_WORDS_WANTED_FOR)
    assert manners[-2:] == [
        ("joined", Lane.NOTICE, "once", BOT_WORDS_WANTED_FOR),
        ("text", Lane.AGENT, "never", None),
    ]
    forum = [row for row in await desk.calls() if row.chat_id == FORUM]
    assert {(row.lane, row.expires_at) for row in forum} == {(Lane.NOTICE, None)}
    assert {row.method for row in forum} >= {"createForumTopic", "sendMessage"}


async def test_words_sent_again_keep_their_lane_and_are_wanted_for_as_long_again(desk: Desk) -> None:
    await answered(desk)
    await desk.settle((await desk.calls("createForumTopic"))[0], Fate.SENT, message_id=77)
    mine = [row for row in await desk.calls() if row.touchpoint_id]
    for row in (mine[0], mine[-1]):
        await desk.settle(row, Fate.FAILED, error="Bad Request: no")
    desk.shop.pass_time(hours=30)

    async def resend(unit: Unit) -> None:
        person = await people.by_address(unit, NIA.channel, NIA.address)
        assert person
        for row in (mine[0], mine[-1]):
            assert await redelivery.resend(unit, person, str(row.id))

    await desk.shop.run(resend)
    answer, agents = [row for row in await desk.calls() if row.touchpoint_id][-2:]
    assert (answer.lane, answer.expires_at) == (Lane.ANSWER, desk.shop.now + timedelta(hours=24))
    assert (agents.lane, agents.expires_at) == (Lane.AGENT, None)


async def test_an_answer_that_comes_too_late_is_told_to_the_agents(desk: Desk) -> None:
    await answered(desk)
    await desk.settle((await desk.calls("createForumTopic"))[0], Fate.SENT, message_id=77)
    first = next(row for row in await desk.calls() if row.touchpoint_id)
    await desk.settle(first, Fate.LATE, error="not sent until 2026-11-22 12:00 UTC")
    (failed,) = await desk.calls(state="failed")
    assert failed.id == first.id
    told: OutboxRow = (await desk.calls("sendMessage"))[-1]
    assert told.chat_id == FORUM
    assert "not sent until 2026-11-22 12:00 UTC" in told.payload["text"]
