"""Telegram's limits are kept in every stretch of time, and one chat never pays for another."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telegram.limits import Limits, Meter
from workers.pacing import PART_OF_RATE, Bucket, Pacer, Rates

CHAT, OTHER, GROUP = 101, 102, -100_500
RESTED = -1000.0
"""A sender that began so long ago has saved up whatever it may."""
LONGEST_DELAY = 0.2
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
    assert now == pytest.approx(count / rate)


def test_a_chat_that_must_wait_holds_up_no_other() -> None:
    pacer = Pacer(Rates(overall=0, chat=1, chat_burst=2.5), RESTED)
    for _ in range(2):
        pacer.take(CHAT, 0.0)
    assert pacer.ready_in(CHAT, 0.0) == pytest.approx(1 / PART_OF_RATE)
    assert pacer.ready_in(OTHER, 0.0) == 0


def test_a_group_takes_twenty_a_minute() -> None:
    pacer = Pacer(Rates(overall=0), RESTED)
    for _ in range(16):
        assert pacer.ready_in(GROUP, 0.0) == 0
        pacer.take(GROUP, 0.0)
    assert pacer.ready_in(GROUP, 0.0) == pytest.approx(3 / PART_OF_RATE)


def test_what_belongs_to_no_chat_waits_for_the_overall_limit_only() -> None:
    pacer = Pacer(Rates(overall=2.5, chat=1, chat_burst=1), RESTED)
    for _ in range(2):
        assert pacer.ready_in(0, 0.0) == 0
        pacer.take(0, 0.0)
    assert pacer.ready_in(0, 0.0) == pytest.approx(0.4 / PART_OF_RATE)


def test_nothing_is_paced_at_rate_zero() -> None:
    pacer = Pacer(Rates(0, 0, 5, 0), 0.0)
    for _ in range(1000):
        for chat in (CHAT, GROUP, 0):
            assert pacer.ready_in(chat, 0.0) == 0
            pacer.take(chat, 0.0)


def test_chats_at_rest_are_forgotten_and_busy_ones_are_not() -> None:
    pacer = Pacer(Rates(), RESTED)
    for chat in range(1, 1001):
        pacer.take(chat, 0.0)
    pacer.forget_idle(0.5)
    assert len(pacer._chats) == 1000
    pacer.forget_idle(2)
    assert not pacer._chats


def test_a_new_sender_begins_as_if_all_was_just_spent() -> None:
    pacer = Pacer(Rates(), 100.0)
    assert pacer.ready_in(CHAT, 100.0) == pytest.approx(1 / PART_OF_RATE)
    assert pacer.ready_in(GROUP, 100.0) == pytest.approx(3 / PART_OF_RATE)
    assert pacer.ready_in(0, 100.0) == pytest.approx(1 / 30 / PART_OF_RATE)
    assert pacer.ready_in(OTHER, 110.0) == 0, "a chat that nobody wrote to since has saved up"


@given(
    st.lists(
        st.tuples(
            st.floats(0, 8),
            st.sampled_from([CHAT, OTHER, GROUP]),
            st.floats(0, LONGEST_DELAY),
            st.booleans(),
            st.integers(1, 12),
        ),
        min_size=5,
        max_size=150,
    )
)
def test_restarts_and_a_slow_line_break_no_limit(
    steps: list[tuple[float, int, float, bool, int]],
) -> None:
    """The fake's own meter looks on, at the moments at which calls arrive."""
    pacer, now, arrivals = Pacer(Rates(), 0.0), 0.0, []
    for pause, chat, delay, restarts, wanted in steps:
        now += pause
        if restarts:
            pacer = Pacer(Rates(), now)
        for number in range(wanted):
            to = chat if chat < 0 else chat + number % 3
            if pacer.ready_in(to, now) <= 0:
                pacer.take(to, now)
                arrivals.append((now + delay * (number % 2), to))
    meter = Meter(Limits(enforce=False))
    for at, chat in sorted(arrivals):
        meter.admit(chat, is_group=chat < 0, now=at)
    assert not meter.violations
