"""`customer duplicates`, `merge`, `unmerge` and `link`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.conftest import Run

CUSTOMERS = """\
customer_id,name,phone
C-1,Ann,+49 170 1234567
C-2,Anna,0049 170 1234567
C-3,Bo,
"""


@pytest.fixture
def filled(run: Run, shop: Path) -> Run:
    (shop / "customers.csv").write_text(CUSTOMERS, "utf-8")
    assert run("import", "customers", "customers.csv").code == 0
    return run


def test_suggested_merged_and_taken_apart(filled: Run) -> None:
    shown = filled("customer", "duplicates")
    assert "C-1" in shown.out
    assert "C-2" in shown.out
    assert "phone" in shown.out
    (pair,) = json.loads(filled("customer", "duplicates", "--json").out)
    assert (pair["keep"]["customer_id"], pair["with"]["name"], pair["evidence"]) == ("C-1", "Anna", [{"code": "phone"}])
    merged = filled("customer", "merge", "C-1", "C-2")
    assert (merged.code, "C-2 is part of C-1 now" in merged.out) == (0, True)
    assert "nothing looks like a duplicate" in filled("customer", "duplicates").out
    again = filled("customer", "merge", "C-3", "C-2")
    assert again.code == 1
    assert "was merged into customer" in again.err
    command = merged.out.rsplit("touchdesk ", 1)[1].split()
    assert filled(*command).code == 0
    assert len(json.loads(filled("customer", "duplicates", "--json").out)) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["merge", "C-1", "C-1"], "with itself"),
        (["merge", "C-1", "C-9"], "there is no customer C-9"),
        (["merge", "C-1", "C-3", "--by", "Nobody"], "no active agent named 'Nobody'"),
        (["unmerge", "C-1"], "no merge of customer C-1 holds"),
        (["unmerge", "9" * 30], "there is no customer"),
        (["link", "C-1"], "BOT_TOKEN is not set"),
    ],
)
def test_what_cannot_be_done_is_told(filled: Run, words: list[str], why: str) -> None:
    done = filled("customer", *words)
    assert done.code == 1
    assert why in done.err


def test_a_link_needs_telegram(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "42:TEST")
    monkeypatch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:9")
    done = filled("customer", "link", "C-1")
    assert (done.code, "Telegram cannot be reached" in done.err) == (1, True)


@pytest.mark.parametrize("words", [["merge", "C-1"], ["link"], ["link", "C-1", "--days", "0"], ["duplicates", "x"]])
def test_wrong_usage(run: Run, words: list[str]) -> None:
    assert run("customer", *words).code == 2
