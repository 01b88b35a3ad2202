"""One leader for each name, and soon another one when it goes, however it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from crm_store.store import Store, StoreUnavailableError
from tests.workers.crew import Crewman, Reigns, address, crew, cut_by_the_server, until
from workers import membership

HANDED_OVER = 3.0
"""Seconds from the end of one leader to the next."""


pytestmark = pytest.mark.usefixtures("own_ids")


@pytest.fixture
async def two(url: str) -> AsyncIterator[list[Crewman]]:
    async with crew(url, 2) as men:
        yield men


def led(man: Crewman) -> tuple[float, float]:
    """How often it won and how often it lost."""
    return man.meters.terms_won._value.get(), man.meters.terms_lost._value.get()


async def test_who_is_alone_leads_until_asked_to_stop(store: Store) -> None:
    reigns = Reigns()
    async with crew(address(store), 1) as (man,):
        man.lead("sender:1", reigns.of("me"))
        man.lead("receiver:1", reigns.of("me too"))
        await until(lambda: len(reigns.now) == 2)
        await man.stop()
    assert sorted(reigns.past) == ["me", "me too"]
    assert led(man) == (2, 0)


async def test_two_elect_one_and_the_other_follows_when_it_leaves(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()
    first.lead("sender:1", reigns.of("first"))
    await reigns.begun("first")
    second.lead("sender:1", reigns.of("second"))
    await asyncio.sleep(1.2)
    assert reigns.now == ["first"]
    await first.stop()
    await reigns.begun("second", seconds=HANDED_OVER)
    assert reigns.most == 1
    assert led(first) == (1, 0)


async def test_the_other_follows_when_it_dies(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()
    first.lead("sender:1", reigns.of("first"))
    await reigns.begun("first")
    second.lead("sender:1", reigns.of("second"))
    await first.die()
    reigns.now.remove("first")
    await reigns.begun("second", seconds=HANDED_OVER)


async def test_leaving_wakes_the_candidate(two: list[Crewman], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the hint it would look again only after its time."""
    monkeypatch.setattr("workers.leadership.LOOK_SECONDS", 60.0)
    first, second = two
    reigns = Reigns()
    first.lead("sender:1", reigns.of("first"))
    await reigns.begun("first")
    second.lead("sender:1", reigns.of("second"))
    await asyncio.sleep(0.2)
    await first.stop()
    await reigns.begun("second", seconds=HANDED_OVER)


async def test_a_lost_wire_ends_the_term_and_somebody_leads_again(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()
    first.lead("sender:1", reigns.of("first"))
    await reigns.begun("first")
    token = first.member.token
    await cut_by_the_server(second.store, token)
    await until(lambda: reigns.past == ["first"])
    await reigns.begun("first", seconds=HANDED_OVER)
    assert led(first) == (2, 1)
    assert first.member.token == token
    assert reigns.most == 1


@pytest.mark.usefixtures("quick")
async def test_one_that_stands_still_is_deposed(url: str) -> None:
    reigns = Reigns()
    async with crew(url, 2) as (first, second):
        first.lead("sender:1", reigns.of("first"))
        await reigns.begun("first")
        second.lead("sender:1", reigns.of("second"))
        token = first.member.token
        await first.freeze()  # its connection stays and its lock with it, until the others miss it
        await until(lambda: reigns.now[-1:] == ["second"])
        await until(lambda: reigns.past == ["first"])
        await first.go_on()
        await until(lambda: first.member.token != token)
        assert reigns.now == ["second"]


@pytest.mark.usefixtures("quick")
async def test_who_gives_no_sign_of_life_gives_up_before_it_is_deposed(url: str) -> None:
    """By its own clock, whether or not anybody else is there."""
    reigns = Reigns()
    async with crew(url, 1) as (man,):
        man.lead("sender:1", reigns.of("me"))
        await reigns.begun("me")
        await man.faint()
        before = asyncio.get_running_loop().time()
        await until(lambda: reigns.past == ["me"])
        assert asyncio.get_running_loop().time() - before < membership.DEAD_SECONDS
        await man.go_on()
        await reigns.begun("me")


async def test_a_term_that_ends_by_itself_is_stood_for_again(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()

    async def abdicate(ending: asyncio.Event) -> None:
        await asyncio.sleep(0.1)
        reigns.past.append("first")

    first.lead("sender:1", abdicate)
    await until(lambda: reigns.past == ["first"])
    second.lead("sender:1", reigns.of("second"))
    await reigns.begun("second")
    await second.stop()
    await until(lambda: reigns.past[-1] == "first")


async def test_a_term_without_a_database_is_stood_for_again(two: list[Crewman]) -> None:
    first, _ = two
    reigns = Reigns()
    troubles = [StoreUnavailableError(OSError("gone"))]

    async def term(ending: asyncio.Event) -> None:
        if troubles:
            raise troubles.pop()
        await reigns.of("first")(ending)

    first.lead("sender:1", term)
    await reigns.begun("first")


async def test_a_term_that_fails_gives_the_lead_back_and_fails(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()

    async def fail(ending: asyncio.Event) -> None:
        raise ArithmeticError

    with pytest.RaisesGroup(ArithmeticError, flatten_subgroups=True):
        await first.member.lead("sender:1", fail, asyncio.Event())
    second.lead("sender:1", reigns.of("second"))
    await reigns.begun("second")


async def test_names_have_leaders_of_their_own(two: list[Crewman]) -> None:
    first, second = two
    reigns = Reigns()
    first.lead("sender:1", reigns.of("first"))
    await reigns.begun("first")
    second.lead("sender:2", reigns.of("second"))
    await reigns.begun("first", "second")
