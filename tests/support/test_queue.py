"""Who comes next, which place somebody has, and what may be promised about the time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.models import Escalation
from crm_store.repositories import escalations as stored
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import escalations, queue
from support.agents import work as agent_work
from support.agents.queue import FEWEST_CLAIMS, Line, ranked
from support.judging.house_rules import DEFAULT
from tests.support.shop import FRIDAY_NOON, Shop, new_score_for, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


def waiting(number: int, minutes: float, value: float = 0, risk: float = 0, *, urgent: bool = False) -> Escalation:
    return Escalation(
        id=number,
        opened_at=FRIDAY_NOON - timedelta(minutes=minutes),
        value_percentile=value,
        risk=risk,
        urgent=urgent,
        state="waiting",
    )


def order(*rows: Escalation) -> list[int]:
    return [row.id for row in ranked(list(rows), FRIDAY_NOON)]


def test_worth_danger_and_haste_multiply_the_minutes() -> None:
    assert order(waiting(1, 10), waiting(2, 0, value=100)) == [2, 1], "20 against 15"
    assert order(waiting(1, 11), waiting(2, 0, risk=1)) == [1, 2], "16 against 15"
    assert order(waiting(1, 4), waiting(2, 0, urgent=True)) == [2, 1], "10 against 9"
    assert order(waiting(1, 30, value=10), waiting(2, 2, value=100, risk=0.5)) == [2, 1], "56 against 45.5"


def test_ties_are_served_by_arrival() -> None:
    assert order(waiting(2, 5), waiting(1, 7), waiting(3, 5.0001)) == [1, 3, 2]


def test_whoever_waited_too_long_comes_first_whatever_others_are_worth() -> None:
    poor = waiting(1, DEFAULT.policy.queue.fairness_minutes + 1)
    assert order(waiting(2, 59, value=100, risk=1, urgent=True), poor) == [1, 2]


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(0, 100), st.floats(0, 1), st.booleans()), min_size=2, max_size=12)
)
def test_waiting_longer_is_never_a_disadvantage(people: list[tuple[float, float, float, bool]]) -> None:
    rows = [waiting(n, m, v, r, urgent=u) for n, (m, v, r, u) in enumerate(people)]
    minutes, value, risk, urgent = people[0]
    before = order(*rows).index(0)
    assert order(waiting(0, minutes + 10, value, risk, urgent=urgent), *rows[1:]).index(0) <= before
    assert order(waiting(0, minutes, min(100, value + 10), risk, urgent=urgent), *rows[1:]).index(0) <= before


async def place_of(shop: Shop, address: str) -> Line:
    async def work(unit: Unit) -> Line:
        person = await shop.known(unit, address)
        assert person.escalation
        return await queue.line(shop.desk, unit, person.escalation)

    return await shop.run(work)


async def test_the_place_counts_those_in_front(shop: Shop) -> None:
    for n, name in enumerate(["ann", "ben", "cid"]):
        await shop.queue_up(name)
        shop.pass_time(minutes=1)
        assert (await place_of(shop, name)).place == n + 1
    await shop.queue_up("dee", "urgent", urgent=True)
    assert (await place_of(shop, "dee")).place == 1
    assert (await place_of(shop, "ann")).place == 2


async def test_a_place_is_known_before_the_unit_is_written(shop: Shop) -> None:
    await shop.queue_up("ann")

    async def work(unit: Unit) -> Line:
        person = await shop.met(unit, "vip")
        new_score_for(unit, person, tier="vip", percentile=100.0, risk=1.0)
        escalation = await escalations.escalate(shop.desk, unit, person, [], subject="x")
        return await queue.line(shop.desk, unit, escalation)

    assert (await shop.run(work)).place == 1


async def test_who_is_held_or_done_is_not_in_front(shop: Shop) -> None:
    bob = await shop.staff()
    for name in ("ann", "ben", "cid"):
        await shop.queue_up(name)
        shop.pass_time(minutes=1)
    await shop.act(agent_work.claim, bob, who="ann")
    await shop.act(agent_work.resolve, bob, who="ben")
    assert (await place_of(shop, "cid")).place == 1


async def test_time_is_promised_only_after_enough_claims(shop: Shop) -> None:
    bob = await shop.staff()
    for n, wait in enumerate((2, 4, 30)):
        assert n < FEWEST_CLAIMS
        await shop.queue_up(f"past {n}")
        assert (await place_of(shop, f"past {n}")).minutes is None, "too few claims to promise from"
        shop.pass_time(minutes=wait)
        await shop.act(agent_work.claim, bob, who=f"past {n}")
    await shop.queue_up("ann")
    await shop.queue_up("ben")
    assert await place_of(shop, "ann") == Line(1, 4), "the median"
    assert await place_of(shop, "ben") == Line(2, 8)


async def test_only_working_time_counts(store: Store) -> None:
    shop = await open_shop(store, hours="Mon-Fri 09:00-18:00")
    bob = await shop.staff()
    for n in range(3):
        shop.now = FRIDAY_NOON.replace(hour=17, minute=59)
        await shop.queue_up(f"past {n}")
        shop.now = FRIDAY_NOON.replace(day=23, hour=9, minute=1)
        await shop.act(agent_work.claim, bob, who=f"past {n}")
    await shop.queue_up("ann")
    assert (await place_of(shop, "ann")).minutes == 2


async def test_the_waiting_ones_are_read_as_they_are_in_this_unit(shop: Shop) -> None:
    await shop.queue_up("ann")
    bob = await shop.staff()

    async def work(unit: Unit) -> list[str]:
        await escalations.claim(shop.desk, unit, bob, await shop.known(unit, "ann"))
        await escalations.escalate(shop.desk, unit, await shop.met(unit, "ben"), [], subject="x")
        return [row.state for row in await stored.waiting(unit)]

    assert await shop.run(work) == ["waiting"]
