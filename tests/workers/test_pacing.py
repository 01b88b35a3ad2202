"""Telegram's limits are kept in every stretch of time, and one chat never pays for another."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.pacing import Bucket, Pacer, Rates

CHAT, OTHER, GROUP = 101, 102, -100_500
STEPS = st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=80)


def most_in_a_stretch(taken: list[float], rate: float, burst: float) -> bool:
    """Whether between any two moments no more was taken than was gained, and `burst` at once."""
    return all(
        j - i + 1 <= rate * (taken[j] - taken[i]) + burst + 1e-6
        for i in range(len(taken))
        for j in range(i, len(taken))
    )


@given(STEPS, st.floats(0.1, 40), st.integers(1, 20))
def test_a_bucket_never_gives_more_than_its_rate_and_burst(steps: list[float], rate: float, burst: int) -> None:
    bucket, now, taken = Bucket(rate, burst, 0.0), 0.0, []
    for step in steps:
        now += step
        while bucket.ready_in(now) <= 0:
            bucket.take(now)
            taken.append(now)
    assert most_in_a_stretch(taken, rate, burst)


@given(STEPS, st.lists(st.sampled_from([CHAT, OTHER, GROUP]), min_size=80, max_size=80))
def test_all_limits_hold_at_once(steps: list[float], chats: list[int]) -> None:
    rates = Rates(overall=3, chat=1, chat_burst=2, group_per_minute=6)
    pacer, now = Pacer(rates, 0.0), 0.0
    taken: dict[int, list[float]] = {CHAT: [], OTHER: [], GROUP: []}
    for step, chat in zip(steps, chats, strict=False):
        now += step / 10
        if pacer.ready_in(chat, now) <= 0:
            pacer.take(chat, now)
            taken[chat].append(now)
        pacer.forget_idle(now)
    assert most_in_a_stretch(sorted(chain(*taken.values())), 3, 3)
    assert most_in_a_stretch(taken[CHAT], 1, 2)
    assert most_in_a_stretch(taken[OTHER], 1, 2)
    assert most_in_a_stretch(taken[GROUP], 6 / 60, 6)


@given(st.floats(0.1, 40), st.integers(1, 20), st.integers(1, 40))
def test_whoever_waits_as_told_may_go(rate: float, burst: int, count: int) -> None:
    bucket, now = Bucket(rate, burst, 0.0), 0.0
    for _ in range(count):
        now += bucket.ready_in(now)
        assert bucket.ready_in(now) < 1e-6
        bucket.take(now)
    assert now == pytest.approx(max(0, count - burst) / rate)


def test_a_chat_that_must_wait_holds_up_no_other() -> None:
    pacer = Pacer(Rates(overall=0, chat=1, chat_burst=2), 0.0)
    for _ in range(2):
        pacer.take(CHAT, 0.0)
    assert pacer.ready_in(CHAT, 0.0) == pytest.approx(1)
    assert pacer.ready_in(OTHER, 0.0) == 0


def test_a_group_takes_twenty_a_minute() -> None:
    pacer = Pacer(Rates(overall=0), 0.0)
    for _ in range(20):
        assert pacer.ready_in(GROUP, 0.0) == 0
        pacer.take(GROUP, 0.0)
    assert pacer.ready_in(GROUP, 0.0) == pytest.approx(3)


def test_what_belongs_to_no_chat_waits_for_the_overall_limit_only() -> None:
    pacer = Pacer(Rates(overall=2, chat=1, chat_burst=1), 0.0)
    for _ in range(2):
        assert pacer.ready_in(0, 0.0) == 0
        pacer.take(0, 0.0)
    assert pacer.ready_in(0, 0.0) == pytest.approx(0.5)


def test_nothing_is_paced_at_rate_zero() -> None:
    pacer = Pacer(Rates(0, 0, 5, 0), 0.0)
    for _ in range(1000):
        for chat in (CHAT, GROUP, 0):
            assert pacer.ready_in(chat, 0.0) == 0
            pacer.take(chat, 0.0)


def test_chats_at_rest_are_forgotten_and_busy_ones_are_not() -> None:
    pacer = Pacer(Rates(), 0.0)
    for chat in range(1, 1001):
        pacer.take(chat, 0.0)
    pacer.forget_idle(0.5)
    assert len(pacer._chats) == 1000
    pacer.forget_idle(2)
    assert not pacer._chats
