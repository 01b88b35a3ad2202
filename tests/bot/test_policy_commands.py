"""`policy show|set|history|undo|simulate`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.conftest import Run

EDITED = """\
tiers: {vip: 2}
policy:
  escalation: {bot_first: true}
  service: {vip: {first_answer_minutes: 30}}
"""


def test_shown_set_and_put_back(run: Run, shop: Path) -> None:
    shown = run("policy", "show")
    assert "first_answer_minutes: 480" in shown.out
    (shop / "all.yaml").write_text(shown.out, "utf-8")
    assert "nothing would change" in run("policy", "set", "all.yaml").out
    (shop / "edited.yaml").write_text(EDITED, "utf-8")
    seen = run("policy", "set", "edited.yaml")
    assert (seen.code, "policy simulate edited.yaml" in seen.out) == (0, True)
    assert "none was set" in run("policy", "history").out, "looking is not setting"
    done = run("policy", "set", "edited.yaml", "--yes")
    assert "3 rules changed" in done.out
    after = run("policy", "show").out
    assert "vip: 2.0" in after
    assert "bot_first: true" in after
    assert "first_answer_minutes: 30" in after
    assert "policy.escalation.bot_first: false → true" in run("policy", "history").out
    assert "first_answer_minutes" in run("policy", "undo").out
    assert run("policy", "undo", "--yes").code == 0
    assert "bot_first: false" in run("policy", "show").out
    assert "vip: 2.0" in run("policy", "show").out, "the tiers are a part of their own"
    assert run("policy", "undo", "tiers", "--yes").code == 0
    assert run("policy", "show").out == shown.out


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tiers: {vip: 9}", "line 1, tiers.major: 5.0 % is not above 9"),
        ("policy:\n  queue:\n    value: much", "line 3, policy.queue.value: Input should be a valid number"),
        ("policy:\n  quue: {}", "line 2, policy.quue: there is no such rule"),
        ("policy: {weights: {vip: 2}}", "policy.weights.vip: Input should be less than or equal to 1"),
        ("policy: {queue: {value: .nan}}", "policy.queue.value"),
        ("tiers: {vip: 1}\ntiers: {vip: 2}", "line 2, tiers: stands here twice"),
        ("- 1", "must be a mapping with tiers and policy"),
        ("a: [", "not YAML"),
        ("", "must be a mapping"),
    ],
)
def test_a_broken_file_changes_nothing_and_says_where(run: Run, shop: Path, text: str, why: str) -> None:
    (shop / "broken.yaml").write_text(text, "utf-8")
    for command in ("set", "simulate"):
        done = run("policy", command, "broken.yaml")
        assert (done.code, why in done.err) == (1, True), done.err
    assert "none was set" in run("policy", "history").out


def test_what_cannot_be_undone_is_told(run: Run) -> None:
    done = run("policy", "undo", "--yes")
    assert (done.code, "policy was never set" in done.err) == (1, True)
    assert run("policy", "undo", "weights").code == 2


def test_a_simulation_of_nothing_is_honest(run: Run, shop: Path) -> None:
    (shop / "edited.json").write_text('{"policy": {"service": {"major": {"comes_first": false}}}}', "utf-8")
    done = run("policy", "simulate", "edited.json", "--agents", "3")
    assert done.code == 0, done.err
    assert "edited.json" in done.out
    assert "Too little history to judge rules by" in done.out
    assert "how long a customer takes is not known" in done.out
    assert run("policy", "simulate", "--from", "2026-02-01", "--to", "2026-01-01").code == 2
