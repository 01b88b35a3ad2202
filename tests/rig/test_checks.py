"""The checks see what is broken; otherwise all that they find in order would mean nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from crm_store.models import OutboxRow
from tests.rig.checks import Findings, Said, _compare, _look_at_agents_words, _look_at_answers, _look_at_flags
from tests.telegram.seen import Seen

CHAT = 1000


def call(row_id: int, **values: Any) -> OutboxRow:
    defaults = {"chat_id": CHAT, "state": "sent", "repeat": "once", "payload": {"chat_id": CHAT}}
    return OutboxRow(id=row_id, **(defaults | values))


def heard(*texts: str, keyboard: dict[str, Any] | None = None) -> list[Seen]:
    now = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
    return [Seen({"message_id": i, "text": text}, True, keyboard, now, [], False) for i, text in enumerate(texts, 1)]


@pytest.mark.parametrize(
    ("found", "broken"),
    [
        (["a", "b", "c"], []),
        (["a", "c"], ["lost"]),
        (["a", "b", "b", "c"], ["doubled"]),
        (["b", "a", "c"], ["inversions"]),
        (["a", "x", "b", "c"], ["doubled"]),
    ],
)
def test_a_ledger_is_compared_with_what_was_said(found: list[str], broken: list[str]) -> None:
    findings = Findings()
    _compare(CHAT, ["a", "b", "c"], found, findings)
    assert [promise.split(":")[0] for promise in findings.broken(in_flight=0)] == broken


@pytest.mark.parametrize(
    ("texts", "rows", "broken"),
    [
        (["A", "B"], [call(1), call(2)], []),
        (["A"], [call(1), call(2)], ["lost"]),
        (["A"], [call(1), call(2, state="uncertain")], []),
        (["B", "A"], [call(1), call(2)], ["inversions"]),
        (["A", "A", "B"], [call(1), call(2)], ["duplicates"]),
        (["A", "B"], [call(1), call(2), call(3)], ["doubled"]),
    ],
)
def test_answers_come_once_and_in_order(texts: list[str], rows: list[OutboxRow], broken: list[str]) -> None:
    findings = Findings()
    _look_at_answers({CHAT: heard(*texts)}, rows, Said({CHAT: ["a", "b"]}, {CHAT: ["A", "B"]}), findings)
    assert [promise.split(":")[0] for promise in findings.broken(in_flight=0)] == broken


@pytest.mark.parametrize(("texts", "broken"), [(["w1", "w3"], []), (["w1"], ["lost"]), (["w1", "w1", "w3"], ["blind"])])
def test_agents_words_are_never_repeated(texts: list[str], broken: list[str]) -> None:
    findings = Findings()
    open_fate = call(2, state="uncertain", repeat="never", payload={"text": "w2"})
    said = Said(by_agents={CHAT: ["w1", "w2", "w3"]})
    _look_at_agents_words({CHAT: heard(*texts)}, [open_fate], said, findings)
    assert [promise.split(":")[0] for promise in findings.broken(in_flight=0)] == broken


@pytest.mark.parametrize(("button", "silent"), [("a:resend:2", 0), ("a:resend:22", 1)])
def test_agents_must_be_told_of_words_of_open_fate(button: str, silent: int) -> None:
    findings = Findings()
    keyboard = {"inline_keyboard": [[{"text": "again", "callback_data": button}]]}
    _look_at_flags([call(2, state="uncertain", repeat="never")], heard("?", keyboard=keyboard), findings)
    assert (len(findings.silent), findings.flagged) == (silent, 1 - silent)
