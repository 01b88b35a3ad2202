"""`customer manage`: the account manager on the card."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.conftest import Run


@pytest.fixture
def filled(run: Run, shop: Path) -> Run:
    (shop / "customers.csv").write_text("customer_id,name\nC-1,Ann\n", "utf-8")
    assert run("import", "customers", "customers.csv").code == 0
    assert run("agent", "add", "--name", "Bob").code == 0
    return run


def test_named_and_taken_away(filled: Run) -> None:
    assert "Bob looks after C-1 now" in filled("customer", "manage", "C-1", "--agent", "Bob").out
    assert "Account manager: Bob" in filled("customer", "show", "C-1").out
    assert filled("customer", "manage", "C-1", "--nobody", "--by", "Bob").code == 0
    assert "Account manager" not in filled("customer", "show", "C-1").out


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["C-1"], 2, "say either"),
        (["C-1", "--agent", "Bob", "--nobody"], 2, "say either"),
        (["C-1", "--agent", "Eve"], 1, "no active agent named 'Eve'"),
        (["C-9", "--agent", "Bob"], 1, "there is no customer C-9"),
    ],
)
def test_what_cannot_be_done_is_told(filled: Run, words: list[str], code: int, why: str) -> None:
    done = filled("customer", "manage", *words)
    assert done.code == code
    assert why in done.err
