"""`customer invite`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.conftest import Run


@pytest.fixture
def filled(run: Run, shop: Path) -> Run:
    (shop / "customers.csv").write_text("customer_id,name,referrer\nC-1,Ann,\nC-2,Bo,C-1\n", "utf-8")
    (shop / "orders.csv").write_text(
        "order_id,customer_id,date,amount,currency,cost\n"
        "O-1,C-1,2026-01-02,100,EUR,60\nO-2,C-1,2026-06-02,100,EUR,60\nO-3,C-2,2026-06-03,5,EUR,\n",
        "utf-8",
    )
    assert run("import", "customers", "customers.csv").code == 0
    assert run("import", "orders", "orders.csv").code == 0
    return run


def test_the_same_link_each_time(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://kaffa.example")
    first, again, other = filled("customer", "invite", "C-1"), filled("customer", "invite", "C-1"), None
    assert first.code == 0
    assert first.out.startswith("https://kaffa.example/chat?ref=r_")
    assert first.out == again.out
    other = filled("customer", "invite", "C-2")
    assert other.out != first.out


def test_without_an_address_or_a_customer(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = filled("customer", "invite", "C-1")
    assert nowhere.code == 1
    assert "set BOT_TOKEN or PUBLIC_URL first" in nowhere.err
    monkeypatch.setenv("PUBLIC_URL", "https://kaffa.example")
    assert "there is no customer C-9" in filled("customer", "invite", "C-9").err
    assert filled("customer", "erase", "C-1", "--yes").code == 0
    erased = filled("customer", "invite", "C-1")
    assert erased.code == 1
    assert "erased" in erased.err


def test_the_four_values_on_the_card_after_a_scoring(filled: Run) -> None:
    assert filled("score", "--as-of", "2026-11-20").code == 0
    shown = filled("customer", "show", "C-1")
    assert "By margin: " in shown.out
    assert "brought and bought: 1" in shown.out
    assert "ordered on 2 of them" in shown.out
    said = filled("customer", "show", "C-1", "--json")
    assert '"buyers": 1' in said.out
    assert '"margin": 80.0' in said.out
