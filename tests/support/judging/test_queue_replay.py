"""The queue replayed: who waits how long with so many agents."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.judging.house_rules import DEFAULT
from support.judging.queue_replay import MOST_WAITING, Arrival, TooFewAgentsError, Waited, replay_queue
from support.working_hours import WorkingHours
from tests.support.shop import FRIDAY_NOON

ALWAYS = WorkingHours.parse(None, "UTC")
TEN = [timedelta(minutes=10)]


def arrivals(*minutes: float) -> list[Arrival]:
    return [Arrival(n, FRIDAY_NOON + timedelta(minutes=at)) for n, at in enumerate(minutes)]


def replayed(coming: list[Arrival], agents: int, hours: WorkingHours = ALWAYS) -> Waited:
    found = replay_queue(coming, agents, hours, TEN, DEFAULT.policy)
    assert found
    return found


def test_nobody_waits_where_an_agent_is_free() -> None:
    assert replayed(arrivals(0, 0, 20), 2) == Waited(3, 0, 0, 0, 2)


def test_one_agent_takes_them_one_after_the_other() -> None:
    found = replayed(arrivals(0, 0, 0), 1)
    assert (found.half, found.most, found.longest_queue) == (10, 18, 3)


def test_an_empty_queue_has_no_waits() -> None:
    assert replay_queue([], 1, ALWAYS, TEN, DEFAULT.policy) is None


def test_the_night_is_no_working_time() -> None:
    hours = WorkingHours.parse("Mon-Fri 09:00-18:00", "UTC")
    evening = (18 - 12) * 60 - 5.0
    found = replayed(arrivals(evening, evening + 1), 1, hours)
    assert found.half == pytest.approx(4.5), "half of the handling is done before the weekend, half after it"


def test_too_few_agents_are_told() -> None:
    crowd = arrivals(*[0.0] * (MOST_WAITING + 1))
    with pytest.raises(TooFewAgentsError, match=r"^1 agent cannot keep up: more than 1,000 wait on 2026-11-20$"):
        replayed(crowd, 1)
    with pytest.raises(TooFewAgentsError, match=r"^2 agents cannot keep up: .* on 2026-11-21$"):
        replay_queue(crowd * 2, 2, WorkingHours.parse(None, "Pacific/Auckland"), TEN, DEFAULT.policy)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=30).map(sorted), st.integers(1, 4))
def test_more_agents_never_make_the_queue_longer(minutes: list[float], agents: int) -> None:
    few, more = replayed(arrivals(*minutes), agents), replayed(arrivals(*minutes), agents + 1)
    assert few.count == more.count == len(minutes)
    assert more.longest_queue <= few.longest_queue
    assert replayed(arrivals(*minutes), agents) == few, "the same every time"
