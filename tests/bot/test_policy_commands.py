"""`policy show|set|history|undo|simulate`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer

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
    done = run("policy", "set", "edited.yaml", "--yes")
    assert "3 rules changed" in done.out
    after = run("policy", "show").out
    assert "vip: 2.0" in after
    assert "bot_first: true" in after
    assert "first_answer_minutes: 30" in after
    assert "policy.escalation.bot_first: false → true" in run("policy", "history").out
    undone = run("policy", "undo", "--yes")
    assert (undone.code, "first_answer_minutes" in undone.out) == (0, True)
    assert "bot_first: false" in run("policy", "show").out
    assert "vip: 2.0" in run("policy", "show").out, "the tiers are a part of their own"
    assert run("policy", "undo", "tiers", "--yes").code == 0
    assert run("policy", "show").out == shown.out


def test_without_a_yes_it_asks_and_changes_nothing(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refused(text: str, *, abort: bool) -> None:
        asked.append(text)
        if abort:
            raise typer.Abort

    monkeypatch.setattr("typer.confirm", refused)
    (shop / "edited.yaml").write_text(EDITED, "utf-8")
    seen = run("policy", "set", "edited.yaml")
    assert (seen.code, "policy simulate edited.yaml" in seen.out) == (1, True)
    assert "none was set" in run("policy", "history").out, "looking is not setting"
    assert run("policy", "set", "edited.yaml", "--yes").code == 0
    assert run("policy", "undo").code == 1
    assert "bot_first: true" in run("policy", "show").out
    assert asked == ["Set these from now on?"] * 2


def test_who_decided_it_is_kept_and_told(run: Run, shop: Path) -> None:
    (shop / "edited.yaml").write_text(EDITED, "utf-8")
    refused = run("policy", "set", "edited.yaml", "--by", "Eve", "--yes")
    assert (refused.code, "no active agent named 'Eve'" in refused.err) == (1, True)
    assert "none was set" in run("policy", "history").out
    assert run("admin", "add", "--name", "Ada").code == 0
    assert run("policy", "set", "edited.yaml", "--by", "Ada", "--yes").code == 0
    assert run("policy", "undo", "--yes").code == 0
    told = run("policy", "history").out.splitlines()
    assert sum(" Ada " in line for line in told) == 3
    assert sum(" terminal " in line for line in told) == 2


def test_all_moments_are_the_shop_s(run: Run, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Pacific/Kiritimati")
    (shop / "edited.yaml").write_text(EDITED, "utf-8")
    begun = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    assert run("policy", "set", "edited.yaml", "--yes").code == 0
    told = run("policy", "history").out + run("policy", "simulate").out
    ended = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    hours = {f"{at:%Y-%m-%d %H}:" for at in (begun, ended)}
    assert sum(map(told.count, hours)) == 4, "three rules and the end of the period"
    told = run("policy", "simulate", "--from", "2026-01-05", "--to", "2026-01-06").out
    assert "2026-01-05 00:00 to 2026-01-06 00:00" in told


def test_other_tier_limits_are_not_simulated_and_that_is_told(run: Run, shop: Path) -> None:
    (shop / "edited.yaml").write_text(EDITED, "utf-8")
    assert "Other tier limits are not simulated" in run("policy", "simulate", "edited.yaml").out
    (shop / "other.yaml").write_text("policy: {escalation: {failures: 3}}", "utf-8")
    assert "Other tier limits" not in run("policy", "simulate", "other.yaml").out


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
