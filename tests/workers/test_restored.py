"""After a restored backup nothing is sent a second time by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crm_store.backup.restored import doubt_waiting_calls, waiting_calls
from crm_store.store import Store
from tests.workers.line import PostOffice, post_office


@pytest.fixture
async def post(store: Store) -> AsyncIterator[PostOffice]:
    async with post_office(store) as office:
        yield office


@pytest.mark.parametrize("repeat", ["once", "never"])
async def test_calls_that_waited_are_uncertain_and_none_is_made(post: PostOffice, repeat: str) -> None:
    await post.put("sent after the backup was made", repeat=repeat)
    assert await waiting_calls(post.store) == 1
    assert await doubt_waiting_calls(post.store) == 1
    async with post.sending():
        await post.settled("uncertain")
    assert post.line.posts == []


async def test_what_comes_afterwards_is_sent(post: PostOffice) -> None:
    await post.put("old")
    await doubt_waiting_calls(post.store)
    await post.put("new")
    async with post.sending():
        await post.settled("uncertain", "sent")
    assert [said.text for said in post.line.posts] == ["new"]
