"""Who goes first: agents' words, answers, notices, campaigns; and nobody overtakes anybody in the same chat."""

from __future__ import annotations

import asyncio
import random
import re
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import update

from crm_store.models import OutboxRow
from crm_store.repositories import lanes, outbox
from crm_store.repositories.lanes import Lane
from tests.crm_store.test_indexes import full_scans, statements
from tests.workers.line import Post, PostOffice, refused
from workers import outcomes
from workers.pacing import Rates
from workers.turns import CAMPAIGN_SLOTS, LOOK_SECONDS, SLOTS

AGENT, ANSWER, NOTICE, CAMPAIGN = Lane


async def next_texts(post: PostOffice, *skipped: int, limit: int = 64, campaigns: int = 64) -> list[str]:
    async with post.store.read() as session:
        heads = await lanes.heads(session, 42, skipped, limit, campaigns)
    return [head.payload["text"] for head in heads]


# Which are next


async def test_the_most_urgent_chats_come_first_and_the_oldest_among_them(post: PostOffice) -> None:
    for chat, lane in [(1, CAMPAIGN), (2, NOTICE), (3, ANSWER), (4, AGENT), (5, ANSWER), (6, AGENT)]:
        await post.put(f"{chat}", chat=chat, lane=lane)
    assert await next_texts(post) == ["4", "6", "3", "5", "2", "1"]
    assert await next_texts(post, 4, 3) == ["6", "5", "2", "1"]
    assert await next_texts(post, limit=2) == ["4", "6"]
    assert await next_texts(post, campaigns=0) == ["4", "6", "3", "5", "2"]


async def test_nobody_overtakes_in_their_own_chat_but_everybody_a_campaign(post: PostOffice) -> None:
    await post.put("campaign", chat=1, lane=CAMPAIGN)
    await post.put("asked first", chat=1, lane=NOTICE)
    await post.put("answered then", chat=1, lane=AGENT)
    await post.put("another's", chat=2, lane=ANSWER)
    said = []
    while texts := await next_texts(post, limit=1):
        said += texts
        async with post.store.write() as connection:
            gone = OutboxRow.payload["text"].as_string() == texts[0]
            await connection.execute(update(OutboxRow).where(gone).values(state="sent"))
    assert said == ["asked first", "answered then", "another's", "campaign"], "and what comes before an agent's hurries"


async def test_words_whose_time_has_not_come_keep_their_place(post: PostOffice) -> None:
    (first, _) = await post.put("later", "behind", chat=1)
    async with post.store.write() as connection:
        tomorrow = post.store.clock() + timedelta(days=1)
        await connection.execute(update(OutboxRow).where(OutboxRow.id == first).values(not_before=tomorrow))
    assert await next_texts(post) == ["later"]


async def test_a_chat_with_much_to_hear_hides_the_others_for_one_look_only(post: PostOffice) -> None:
    await post.put(*(f"{n}" for n in range(20)), chat=1)
    await post.put("other", chat=2)
    assert await next_texts(post, limit=3) == ["0"]
    assert await next_texts(post, 1, limit=3) == ["other"]


@pytest.mark.parametrize("seed", range(3))
async def test_heads_are_what_a_walk_over_everything_finds(post: PostOffice, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    for number in range(60):
        await post.put(f"{number}", chat=draw.randrange(1, 20), lane=draw.choice(list(Lane)))
    skipped = {draw.randrange(1, 20) for _ in range(4)}
    heads: dict[int, tuple[int, OutboxRow]] = {}
    rows = [row for row in await post.rows() if row.chat_id not in skipped]
    for row in sorted(rows, key=lambda row: (row.lane == CAMPAIGN, row.id)):
        urgency, first = heads.get(row.chat_id, (row.lane, row))
        heads[row.chat_id] = min(urgency, row.lane), first
    expected = sorted((urgency, row.id) for urgency, row in heads.values())
    async with post.store.read() as session:
        found = await lanes.heads(session, 42, skipped, 64, 64)
    assert [head.id for head in found] == [row_id for _, row_id in expected]


async def test_heads_are_found_by_two_short_walks_however_much_waits(post: PostOffice) -> None:
    with statements(post.store) as seen:
        await next_texts(post)
    ((statement, parameters),) = seen
    assert not await full_scans(post.store, statement, parameters)
    explain = "EXPLAIN QUERY PLAN" if post.store.is_sqlite else "EXPLAIN"
    async with post.store.reader.connect() as connection:
        if not post.store.is_sqlite:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin"):  # which a few rows, or none, make look cheap
                await connection.exec_driver_sql(f"SET enable_{way} = off")
        plan = "\n".join(str(row[-1]) for row in await connection.exec_driver_sql(f"{explain} {statement}", parameters))
    assert plan.count("ix_outbox_lane") == 2
    assert "ix_outbox_waiting" in plan
    assert len(re.findall("SEARCH outbox" if post.store.is_sqlite else "Index.* Scan using", plan)) >= 5


# Under load


async def test_an_agents_words_go_first_however_many_answers_wait(post: PostOffice) -> None:
    for chat in range(1, 201):
        await post.put(f"answer {chat}", chat=chat, lane=ANSWER)
    await post.put("Ann is here", "How can I help?", chat=500, lane=NOTICE)
    await post.put("from the agent", chat=500, lane=AGENT)
    async with post.sending(post.sender(Rates(overall=40, chat=20))):
        await said(post, "from the agent")
        assert [text for text in post.line.texts if not text.startswith("answer")] == [
            "Ann is here",
            "How can I help?",
            "from the agent",
        ]
        assert len(post.line.posts) < 60
        before = len(post.line.posts)
        await post.put("and again", chat=501, lane=AGENT)
        await said(post, "and again")
        assert len(post.line.posts) - before < 6


async def test_those_who_must_wait_hide_nobody_whose_turn_it_is(post: PostOffice) -> None:
    later = post.store.clock() + timedelta(hours=1)
    for chat in range(1, 2 * SLOTS + 40):
        await post.put(*(f"{n} to {chat}" for n in range(3)), chat=chat, not_before=later)
    await post.put("mine", chat=1000)
    async with post.sending():
        async with asyncio.timeout(LOOK_SECONDS * 0.9):
            await said(post, "mine")
    assert len(post.line.posts) == 1


async def said(post: PostOffice, text: str) -> None:
    async with asyncio.timeout(20):
        while text not in post.line.texts:
            await asyncio.sleep(0.002)


async def test_a_campaign_leaves_half_of_the_rate_to_others_and_takes_all_when_there_are_none(mail: PostOffice) -> None:
    """The others' chats are slow, so that they never use what they could."""
    loop = asyncio.get_running_loop()
    arrived: list[tuple[float, str]] = []

    async def note(came: Post) -> web.StreamResponse:
        arrived.append((loop.time(), came.text))
        return await mail.line.sent(came)

    mail.line.answer = note
    for chat in range(1, 300):
        await mail.put("campaign", chat=chat, lane=CAMPAIGN)
    for number in range(100):
        await mail.put(f"{number}", chat=1000 + number % 2, lane=NOTICE)
    async with mail.sending(mail.sender(Rates(overall=40, chat=4, chat_burst=1))):
        await asyncio.sleep(3.0)
        crowded_until = loop.time()
        async with mail.store.write() as connection:
            await connection.execute(update(OutboxRow).where(OutboxRow.lane == NOTICE).values(state="dropped"))
        await asyncio.sleep(2.0)
        calm_until = loop.time()
    crowded = [text for at, text in arrived if crowded_until - 2 <= at < crowded_until]
    calm = [text for at, text in arrived if calm_until - 1 <= at < calm_until]
    assert 12 <= crowded.count("campaign") <= 44, "half of forty a second, for two seconds"
    assert len(crowded) - crowded.count("campaign") >= 12
    assert calm.count("campaign") > 25


async def test_campaigns_fill_no_more_than_half_of_the_slots(mail: PostOffice) -> None:
    go_on = asyncio.Event()

    async def hold(came: Post) -> web.StreamResponse:
        await go_on.wait()
        return await mail.line.sent(came)

    mail.line.answer = hold
    for chat in range(1, 2 * SLOTS):
        await mail.put("campaign", chat=chat, lane=CAMPAIGN)
    async with mail.sending():
        async with asyncio.timeout(5):
            while len(mail.line.posts) < CAMPAIGN_SLOTS:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert len(mail.line.posts) == CAMPAIGN_SLOTS
        await mail.put("in between", chat=1000, lane=AGENT)
        await said(mail, "in between")
        go_on.set()


async def test_a_campaign_makes_way_when_telegram_finds_it_too_much(mail: PostOffice) -> None:
    async def flood(came: Post) -> web.StreamResponse:
        if came.params["chat_id"] == 1:
            return refused(429, "Too Many Requests: retry after 1", retry_after=1)
        return await mail.line.sent(came)

    mail.line.answer = flood
    await mail.put("too much", chat=1)
    async with mail.sending():
        await said(mail, "too much")
        await asyncio.sleep(0.1)
        for chat in range(2, 12):
            await mail.put("campaign", chat=chat, lane=CAMPAIGN)
        await mail.put("an answer", chat=50)
        await said(mail, "an answer")
        await asyncio.sleep(0.3)
        assert "campaign" not in mail.line.texts
        await said(mail, "campaign")


# What nobody wants any more


async def test_what_is_too_late_is_not_sent_but_told_as_failed(post: PostOffice) -> None:
    now = post.store.clock()
    (late, _) = await post.put("yesterday's answer", "another", chat=1, expires_at=now - timedelta(minutes=1))
    await post.put("behind", chat=1, expires_at=now + timedelta(days=1))
    async with post.sending():
        await post.settled("failed", "failed", "sent")
    assert post.line.texts == ["behind"]
    assert post.followed[0] == (late, "late", None)
    assert (await post.rows())[0].error == f"not sent until {now - timedelta(minutes=1):%Y-%m-%d %H:%M} UTC"


async def test_what_could_not_be_sent_is_tried_until_then(mail: PostOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "FIRST_BACKOFF_SECONDS", 0.1)
    mail.api._base = mail.api._base.replace("127.0.0.1", "127.0.0.1.invalid")
    soon = mail.store.clock() + timedelta(seconds=1)
    await mail.put("an answer", chat=1, expires_at=soon)
    await mail.put("an agent's", chat=2)
    async with mail.sending():
        await mail.settled("failed", "waiting")
    (answer, words) = await mail.rows()
    assert answer.attempts > 2, "it was tried before"
    assert words.attempts > 2
    assert mail.store.clock() >= soon


async def test_what_may_have_arrived_stays_uncertain_when_it_is_too_late_to_repeat_it(mail: PostOffice) -> None:
    await mail.put("was it there?", expires_at=mail.store.clock(), repeated=True)
    async with mail.sending():
        await mail.settled("uncertain")
    assert not mail.line.posts


async def test_words_that_wait_longer_than_they_are_wanted_are_given_up_in_time(mail: PostOffice) -> None:
    async def flood(_: Post) -> web.StreamResponse:
        return refused(429, "Too Many Requests: retry after 10072", retry_after=10_072)

    mail.line.answer = flood
    await mail.put("an answer", expires_at=mail.store.clock() + timedelta(seconds=0.5))
    async with mail.sending():
        await mail.settled("failed")
    assert len(mail.line.posts) == 1


async def test_words_share_a_message_with_their_like_only(mail: PostOffice) -> None:
    await mail.put("a", "b", lane=NOTICE, joinable=True, age=3)
    await mail.put("c", lane=ANSWER, joinable=True, age=3)
    async with mail.sending():
        await mail.settled("sent")
    assert mail.line.texts == ["a\nb", "c"]
    async with mail.store.read() as session:
        assert not await outbox.left_behind(session, 42, 99)
