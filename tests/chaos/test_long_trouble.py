"""The promises under trouble that lasts, at the figures that are promised."""

from __future__ import annotations

import sys

import pytest

from benchmarks import faults, kills

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_1_ten_thousand_updates_and_two_hundred_kills(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setattr(sys, "argv", ["kills", "--database", database])
    kills.main()


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_4_ten_thousand_updates_over_a_bad_line(monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.setattr(sys, "argv", ["faults", "--database", database])
    faults.main()
