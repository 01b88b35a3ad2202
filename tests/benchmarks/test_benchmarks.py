"""Each benchmark runs small; figures that depend on the machine are not judged here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import first_answer

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _as_a_newcomer_runs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS")


@pytest.mark.alone
def test_first_answer(capsys: pytest.CaptureFixture[str]) -> None:
    first_answer.main()
    claim, result = capsys.readouterr().out.splitlines()
    assert claim.startswith("claim:")
    assert re.fullmatch(r"result: first answer after \d+\.\d s, \d+ MB", result)


@pytest.mark.parametrize("figures", [(10.1, 100.0), (1.0, first_answer.MOST_MB)])
def test_a_claim_that_does_not_hold_fails(monkeypatch: pytest.MonkeyPatch, figures: tuple[float, float]) -> None:
    monkeypatch.setattr(first_answer, "measure", lambda: first_answer.Figures(*figures))
    with pytest.raises(SystemExit) as end:
        first_answer.main()
    assert end.value.code == 1


def test_questions_are_asked_in_each_language() -> None:
    asked = first_answer.questions()
    assert len(asked) == first_answer.QUESTIONS
    assert all(all(question.answers) for question in asked)
    assert any(question.words.isascii() for question in asked)
    assert any(not question.words.isascii() for question in asked)
