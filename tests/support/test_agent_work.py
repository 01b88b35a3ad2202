"""Agents' words reach the customer once, notes never, and whoever holds is the only one to speak."""

from __future__ import annotations

import asyncio

import pytest

from crm_store.models import Conversation, Escalation, Ticket, Touchpoint
from crm_store.store import Store
from support.agents import work as agent_work
from support.agents.work import LONGEST_MESSAGE
from support.errors import DeskError, EmptyWordsError, TakenError, TooLongError
from support.talk.inbound import Attachment
from tests.support.shop import Shop, open_shop

INTRODUCED = "Bob"


@pytest.fixture
async def shop(sqlite_store: Store) -> Shop:
    return await _with_nia(sqlite_store)


@pytest.fixture
async def any_shop(store: Store) -> Shop:
    """On each database."""
    return await _with_nia(store)


async def _with_nia(store: Store) -> Shop:
    shop = await open_shop(store)
    await shop.queue_up()
    return shop


async def test_an_answer_claims_introduces_and_reaches_the_customer(any_shop: Shop) -> None:
    shop = any_shop
    bob = await shop.staff()
    said = await shop.act(agent_work.answer, bob, "We will send a new one.")
    introduction, words = await shop.said()
    assert INTRODUCED in introduction
    assert words == "We will send a new one."
    assert (said.author, said.agent_id, said.direction, said.kind) == ("agent", bob.id, "out", "text")
    (row,) = await shop.rows(Escalation)
    assert (row.state, row.agent_id) == ("claimed", bob.id)
    await shop.act(agent_work.answer, bob, "Tomorrow.")
    assert (await shop.said())[2:] == ["Tomorrow."], "introduced once"


async def test_a_repeated_post_says_nothing_twice(any_shop: Shop) -> None:
    shop = any_shop
    bob = await shop.staff()
    for deed in (agent_work.answer, agent_work.note):
        first = await shop.act(deed, bob, "once", client_key=f"key of {deed.__name__}")
        again = await shop.act(deed, bob, "once", client_key=f"key of {deed.__name__}")
        assert again.id == first.id
    assert (await shop.said()).count("once") == 1
    assert [row.kind for row in await shop.rows(Touchpoint)].count("note") == 1


async def test_two_posts_with_one_key_at_the_same_moment_are_one(any_shop: Shop) -> None:
    shop = any_shop
    bob = await shop.staff()
    await shop.act(agent_work.claim, bob)
    said = await asyncio.gather(*(shop.act(agent_work.answer, bob, "once", client_key="k") for _ in range(3)))
    assert len({touchpoint.id for touchpoint in said}) == 1
    assert (await shop.said()).count("once") == 1


@pytest.mark.parametrize("deed", [agent_work.answer, agent_work.note])
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", EmptyWordsError),
        (" \n\t ", EmptyWordsError),
        (" \u200b\u2060\ufeff", EmptyWordsError),
        ("x" * (LONGEST_MESSAGE + 1), TooLongError),
    ],
)
async def test_what_cannot_be_sent_changes_nothing(shop: Shop, deed: object, text: str, error: type[DeskError]) -> None:
    bob = await shop.staff()
    before = len(await shop.rows(Touchpoint))
    assert callable(deed)
    with pytest.raises(error):
        await shop.act(deed, bob, text)
    assert len(await shop.rows(Touchpoint)) == before
    (row,) = await shop.rows(Escalation)
    assert row.state == "waiting"


@pytest.mark.parametrize("text", ["x" * LONGEST_MESSAGE, "👍", "?!", "好"])
async def test_everything_else_is_sent_as_it_is(shop: Shop, text: str) -> None:
    await shop.act(agent_work.answer, await shop.staff(), text)
    assert (await shop.said())[-1] == text


async def test_a_file_needs_no_words(shop: Shop) -> None:
    said = await shop.act(agent_work.answer, await shop.staff(), "", Attachment("photo", file_id=5))
    assert (said.kind, (said.payload or {})["attachment"]["file_id"]) == ("photo", 5)


async def test_another_agents_words_are_refused(shop: Shop) -> None:
    bob, eve = await shop.staff("Bob"), await shop.staff("Eve")
    await shop.act(agent_work.claim, bob)
    with pytest.raises(TakenError) as raised:
        await shop.act(agent_work.answer, eve, "me too")
    assert shop.desk.texts.say("en", raised.value.key, **raised.value.params)
    assert "me too" not in await shop.said()


async def test_a_note_stays_inside_and_needs_no_claim(shop: Shop) -> None:
    eve = await shop.staff("Eve")
    note = await shop.act(agent_work.note, eve, "careful, sued us once")
    assert (note.direction, note.kind, note.agent_id) == ("internal", "note", eve.id)
    assert await shop.said() == []
    (row,) = await shop.rows(Escalation)
    assert row.state == "waiting"


async def test_words_from_the_console_appear_in_the_room_and_those_from_the_room_do_not(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.act(agent_work.answer, bob, "from the console")
    await shop.act(agent_work.answer, bob, "from the room", from_room=True)
    assert ("said", "from the console") in shop.room.told_of
    assert ("said", "from the room") not in shop.room.told_of


async def test_resolving_asks_once_how_it_was_and_begins_a_new_conversation(any_shop: Shop) -> None:
    shop = any_shop
    bob = await shop.staff()
    ticket = await shop.act(agent_work.resolve, bob)
    assert ticket.rating_asked_at == shop.now
    former, present = await shop.rows(Conversation)
    assert (former.ended_at, present.ended_at) == (shop.now, None)
    asked = [row for row in await shop.rows(Touchpoint) if row.kind == "rating_request"]
    assert [button["label"] for button in (asked[0].payload or {})["buttons"]] == ["1", "2", "3", "4", "5"]
    assert len(asked) == 1
    assert [row.number for row in await shop.rows(Ticket)] == [1001]
