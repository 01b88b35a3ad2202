"""`customer export`, `erase` and `consent`: done or told why not; nothing is overwritten and nothing is left behind."""

from __future__ import annotations

import json
import sys
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.bot.conftest import Run

CUSTOMERS = (
    "customer_id,name,phone,email,hobby\nC-1,Anna Canary,+493012345678,anna@canary.example,canaries\nC-2,Bob,,,\n"
)


@pytest.fixture
def filled(shop: Path, run: Run) -> Path:
    (shop / "customers.csv").write_text(CUSTOMERS, "utf-8")
    assert run("import", "customers", "customers.csv").code == 0
    return shop


def test_a_copy_is_written_and_an_erasure_leaves_nothing_of_it(filled: Path, run: Run) -> None:
    done = run("customer", "export", "C-1", "anna.zip")
    assert (done.code, done.err) == (0, "")
    (anna,) = json.loads(ZipFile(filled / "anna.zip").read("data.json"))["customer"]
    assert (anna["name"], anna["phone"], anna["email"]) == ("Anna Canary", "+493012345678", "anna@canary.example")
    assert b"Canary" in (filled / "shop.db").read_bytes()
    erased = run("customer", "erase", "C-1", "--yes")
    assert (erased.code, erased.err) == (0, "")
    assert "customer C-1 is erased" in erased.out
    for path in filled.glob("shop.db*"):
        assert b"anary" not in path.read_bytes(), path
    assert b"Bob" in (filled / "shop.db").read_bytes()


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_who_is_named_before_anything_is_deleted(
    run: Run, filled: Path, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(answer))
    done = run("customer", "erase", "C-1")
    assert done.code == code
    assert "C-1 (Anna Canary)" in done.out
    assert (b"Canary" in (filled / "shop.db").read_bytes()) == bool(code)


@pytest.mark.parametrize("words", [["erase"], ["erase", "--yes"], ["export"], ["consent"]])
def test_an_unknown_customer_is_told(run: Run, filled: Path, words: list[str]) -> None:
    done = run("customer", *words, "C-9")
    assert (done.code, done.out) == (1, "")
    assert "C-9" in done.err
    assert not list(filled.glob("*.zip*"))


def test_who_was_erased_is_told_so_and_does_not_come_back_by_an_import(run: Run, filled: Path) -> None:
    assert run("customer", "erase", "C-1", "--yes").code == 0
    for words in (["erase", "C-1", "--yes"], ["export", "C-1"]):
        done = run("customer", *words)
        assert done.code == 1
        assert "erased" in done.err
    assert "erased" in run("import", "customers", "customers.csv").err
    assert b"Canary" not in (filled / "shop.db").read_bytes()


def test_no_file_is_overwritten(run: Run, filled: Path) -> None:
    (filled / "customer-C-1.zip").write_text("mine")
    done = run("customer", "export", "C-1")
    assert done.code == 1
    assert "exists already" in done.err
    assert (filled / "customer-C-1.zip").read_text() == "mine"


def test_what_was_agreed_to_is_listed(run: Run, filled: Path) -> None:
    assert "nothing was agreed to" in run("customer", "consent", "C-1").out

    assert run("customer", "consent", "C-1", "--give", "marketing").out.split()[-3:] == ["marketing", "yes", "agent"]
    lines = run("customer", "consent", "C-1", "--withdraw", "marketing").out.splitlines()
    assert [line.split()[-3:] for line in lines[1:]] == [["marketing", "no", "agent"], ["marketing", "yes", "agent"]]


def test_nothing_is_noted_of_somebody_who_was_erased(run: Run, filled: Path) -> None:
    assert run("customer", "erase", "C-1", "--yes").code == 0
    done = run("customer", "consent", "C-1", "--give", "marketing")
    assert done.code == 1
    assert "erased" in done.err
