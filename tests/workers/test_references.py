"""Calls that speak of messages still on their way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.references import LostReferenceError, NotYetError, resolve, wanted

IDS = st.none() | st.integers(-(2**63), 2**63 - 1)


def test_every_place_that_may_name_a_message_is_known() -> None:
    payload = {"chat_id": -100, "message_id": -1, "message_thread_id": -2, "reply_parameters": {"message_id": -3}}
    assert wanted(payload) == {1, 2, 3}
    resolved = resolve(payload, {1: ("sent", 11), 2: ("sent", 12), 3: ("sent", 13)})
    assert resolved == {
        "chat_id": -100,
        "message_id": 11,
        "message_thread_id": 12,
        "reply_parameters": {"message_id": 13},
    }


def test_real_numbers_stay_and_nothing_is_changed_in_place() -> None:
    payload = {"message_id": 5, "reply_parameters": {"message_id": 6, "allow_sending_without_reply": True}}
    assert wanted(payload) == set()
    assert resolve(payload, {}) == payload
    waiting = {"message_id": -1, "reply_parameters": {"message_id": -1, "quote": "x"}}
    assert resolve(waiting, {1: ("sent", 9)})["reply_parameters"] == {"message_id": 9, "quote": "x"}
    assert waiting["message_id"] == -1


@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_what_is_on_its_way_is_waited_for(state: str) -> None:
    with pytest.raises(NotYetError):
        resolve({"message_id": -1}, {1: (state, None)})


@pytest.mark.parametrize("results", [{}, {1: ("failed", None)}, {1: ("uncertain", None)}, {1: ("sent", None)}])
def test_what_was_never_sent_cannot_be_spoken_of(results: dict[int, tuple[str, int | None]]) -> None:
    with pytest.raises(LostReferenceError, match="refers to call 1"):
        resolve({"message_id": -1}, results)


def test_one_that_is_sent_and_one_that_is_not_yet() -> None:
    payload = {"message_thread_id": -1, "message_id": -2}
    with pytest.raises(NotYetError):
        resolve(payload, {1: ("sent", 5), 2: ("sending", None)})


@pytest.mark.parametrize("odd", [None, "5", True, "x", 1.5, {"message_id": "x"}])
def test_odd_payloads_are_left_alone(odd: Any) -> None:
    payload = {"message_id": odd, "reply_parameters": odd}
    assert resolve(payload, {}) == payload


@given(IDS, IDS, IDS)
def test_no_minus_number_is_left(message: int | None, topic: int | None, replied: int | None) -> None:
    payload = {"message_id": message, "message_thread_id": topic, "reply_parameters": {"message_id": replied}}
    found = resolve(payload, dict.fromkeys(wanted(payload), ("sent", 1)))
    assert wanted(found) == set()
