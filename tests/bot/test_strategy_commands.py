"""`touchdesk strategy`: shown, set from a file with what it changes, remembered, taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import pytest
import typer

from crm_store.repositories import house_rules
from crm_store.store import Store
from crm_store.unit import Unit
from support.judging.strategies import KEY, Deed, Left
from tests.bot.conftest import Run

FAQ = "- id: guide\n  questions: {en: [Is there a guide?]}\n  answers: {en: There is.}\n"
GIVEN = "use:\n  offer: {text: {en: There is a guide.}, entry: guide}\n  every_days: 14\nloyalty:\n"


@pytest.fixture
def file(shop: Path, run: Run) -> Path:
    (shop / "faq.yaml").write_text(FAQ, "utf-8")
    assert run("faq", "import", "faq.yaml").code == 0
    (shop / "s.yaml").write_text(GIVEN, "utf-8")
    return shop / "s.yaml"


def test_what_is_shown_can_be_set_and_changes_nothing(shop: Path, run: Run) -> None:
    shown = run("strategy", "show")
    assert "\nawareness: {}\nconsideration:\n  offer:\n" in shown.out
    comments = [line for line in shown.out.splitlines() if line.startswith("#")]
    for word in (*get_args(Deed), *get_args(Left), "1 to 366"):
        assert any(word in line for line in comments), word
    (shop / "same.yaml").write_text(shown.out, "utf-8")
    assert run("strategy", "set", "same.yaml", "--yes").out == "same.yaml: nothing changes\n"
    assert run("strategy", "history").out == "no strategy was ever set: the product's own hold\n"


def test_set_shows_what_changes_and_undo_takes_it_back(file: Path, run: Run) -> None:
    before = run("strategy", "show").out
    done = run("strategy", "set", file.name, "--yes")
    assert done.code == 0
    assert "use.offer.text.en: – → There is a guide.\n" in done.out
    assert "use.every_days: 90 → 14\n" in done.out
    assert "loyalty.every_days: 180 → –\n" in done.out
    assert "churn" not in done.out
    assert "entry: guide" in run("strategy", "show").out
    head, line = run("strategy", "history").out.splitlines()
    assert head.split() == ["when", "by", "changed"]
    assert line.endswith("command line  use.offer, use.every_days, use.ask, loyalty.offer, loyalty.every_days")
    assert run("strategy", "undo", "--yes").code == 0
    assert run("strategy", "show").out == before
    assert len(run("strategy", "history").out.splitlines()) == 3
    assert len(run("strategy", "history", "--limit", "1").out.splitlines()) == 2


def test_without_a_yes_nothing_is_set(file: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.confirm", _refused)
    done = run("strategy", "set", file.name)
    assert done.code == 1
    assert "use.offer.text.en: – → There is a guide." in done.out
    assert "guide" not in run("strategy", "show").out


@pytest.mark.parametrize("words", [("set", "s.yaml"), ("undo",)])
def test_what_another_admin_set_meanwhile_is_not_undone(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (file.parent / "other.yaml").write_text("churn:\n  leave: [rating]\n", "utf-8")
    assert run("strategy", "set", "other.yaml", "--yes").code == 0

    def another(text: str, *, abort: bool) -> None:
        (file.parent / "later.yaml").write_text("loyalty:\n  leave: [rating]\n", "utf-8")
        assert run("strategy", "set", "later.yaml", "--yes").code == 0

    monkeypatch.setattr("typer.confirm", another)
    refused = run("strategy", *words)
    assert (refused.code, refused.err) == (
        1,
        "somebody changed the strategies meanwhile: look at the differences once more\n",
    )
    assert "loyalty:\n  leave:\n  - rating" in run("strategy", "show").out.replace("    -", "  -")
    assert len(run("strategy", "history").out.splitlines()) == 3


def test_a_row_that_cannot_be_read_is_told_among_the_others(file: Path, run: Run) -> None:
    assert run("strategy", "set", file.name, "--yes").code == 0

    async def write() -> None:
        store = Store(f"sqlite:///{file.parent / 'shop.db'}")
        await store.run(_unreadable)
        await store.close()

    asyncio.run(write())
    told = run("strategy", "history")
    assert told.code == 0
    _head, newest, first = told.out.splitlines()
    assert "cannot be read (dreaming: there is no such field)" in newest
    assert "use.offer" in first
    assert "entry: guide" in run("strategy", "show").out


async def _unreadable(unit: Unit) -> None:
    house_rules.put(unit, KEY, {"dreaming": {}}, None)


def _refused(text: str, *, abort: bool) -> None:
    assert "?" in text
    if abort:
        raise typer.Abort


def test_a_broken_file_is_told_by_line_and_field_and_changes_nothing(file: Path, run: Run) -> None:
    file.write_text(GIVEN.replace("entry: guide", "entry: gone"), "utf-8")
    refused = run("strategy", "set", file.name, "--yes")
    assert refused.code == 1
    assert refused.err == (
        "s.yaml cannot be read:\nline 2, use.offer.entry: no published FAQ entry has the id 'gone'\n"
    )
    file.write_text("use:\n  every_days: soon\n  leave: [all]\n", "utf-8")
    refused = run("strategy", "set", file.name, "--yes")
    assert [line.partition(":")[0] for line in refused.err.splitlines()[1:]] == [
        "line 2, use.every_days",
        "line 3, use.leave.1",
    ]
    file.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in run("strategy", "set", file.name).err
    assert run("strategy", "history").out.startswith("no strategy was ever set")


def test_there_may_be_nothing_to_undo(run: Run) -> None:
    refused = run("strategy", "undo", "--yes")
    assert (refused.code, refused.err) == (1, "no strategy was ever set: the product's own hold\n")
