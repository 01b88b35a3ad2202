"""The matching benchmark runs small on made-up data; how good the figures are is not judged here."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from benchmarks import matching
from benchmarks.matching_accuracy import banking, clinc, traditional
from benchmarks.matching_baselines import BASELINES
from benchmarks.matching_data import (
    BANKING,
    CHOOSING,
    CLINC,
    Question,
    Split,
    all_but,
    bad_inputs,
    chance,
    misspelt,
    of_size,
    read_banking,
    read_clinc,
    shots,
)
from benchmarks.matching_figures import accuracy, auroc, calibration_error, share, surest
from benchmarks.matching_methods import Finder, ours
from benchmarks.matching_speed import WARM_UP, Speed, measure
from benchmarks.matching_table import ACCURACY, DEFAULT, SEMANTIC, AtLeast, AtMost, Row, rendered, speed
from faq.entry import FaqEntry
from faq.files import read_faq
from faq.matcher import Match

ROOT = Path(__file__).parents[2]

THINGS = ("card", "parcel", "invoice", "refund")
WAYS = ("where is my {}", "i lost the {}", "has the {} come", "no {} yet", "show me a {}", "the {} is wrong")
PLEASE = ("", " please", " today", " now", " again", " at last")


@pytest.fixture(autouse=True)
def _in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four intents of 36 questions in both files, and four that are out of scope, three of them to report on."""
    asked = [(way.format(thing) + more, thing) for thing in THINGS for way in WAYS for more in PLEASE]
    _write(tmp_path / BANKING, ("text", "category"), asked)
    foreign = [("oos_val", f"who won the {cup} cup", "oos") for cup in ("world", "tea", "gold")]
    foreign.append((CHOOSING, "who lost the silver cup", "oos"))
    _write(tmp_path / CLINC, ("split", "text", "intent"), [*(("train", *row) for row in asked), *foreign])
    return tmp_path


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def test_the_table(data: Path, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(matching, "SAMPLE_FAQ", shop)
    arguments = ["matching", "--data", str(data), "--quick", "--no-semantic", "--only", "accuracy"]
    monkeypatch.setattr(sys, "argv", arguments)
    matching.main()
    header, _, *lines = capsys.readouterr().out.splitlines()
    assert _cells(header) == ["figure", "default", "promised", "kept", "token_sort", "BM25", "TF-IDF"]
    assert [_cells(line)[0] for line in lines] == [row.name for row in ACCURACY]
    assert len({len(line) for line in [header, *lines]}) == 1
    for name, ours_figure, promised, kept, *_ in map(_cells, lines):
        assert "lost" in name or 0 <= float(ours_figure) <= 100
        assert bool(promised) == bool(kept)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_without_the_extra_it_is_left_out_and_cannot_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "sentence_encoder", lambda: None)
    assert list(matching.chosen(None)) == [DEFAULT, *BASELINES]
    with pytest.raises(SystemExit, match="not installed"):
        matching.chosen(semantic=True)


def test_with_the_extra_there_is_a_column_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "sentence_encoder", lambda: lambda texts: np.ones((len(texts), 2), np.float32))
    assert list(matching.chosen(None)) == [DEFAULT, SEMANTIC, *BASELINES]
    assert list(matching.chosen(semantic=True)) == [SEMANTIC, *BASELINES]


def test_speed_is_taken_in_a_fresh_process(data: Path) -> None:
    split = of_size([read_banking(data), read_clinc(data)[0]], 20, questions=WARM_UP + 12, seed=0)
    taken = measure(DEFAULT, split, bad_each=2)
    assert 0 < taken.p50_ms <= taken.p95_ms <= taken.p99_ms
    assert 0 < taken.imports_mb <= taken.grown_mb
    assert taken.build_seconds > 0
    assert all(ms > 0 for ms in taken.bad_ms.values())
    assert len(taken.bad_ms) == 7


def test_speed_of_the_others_has_no_bad_input(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Speed(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, {})
    monkeypatch.setattr(matching, "measure", lambda *_: taken)
    ((name, figures),) = matching.speeds(["BM25"], data, matching.Extent(1, sizes=(20,), timed=(12, 12)))
    assert name == "BM25"
    assert list(figures.values()) == [4.0, 5.0, 6.0, 1.0, 3.0, 2.0]
    assert list(figures) == [row.name for row in speed(20)][:6]


def test_splits_hold_their_questions_out(data: Path) -> None:
    wordings = read_banking(data)
    split = shots(wordings, 5, 60, seed=1)
    assert [len(entry.wordings) for entry in split.entries] == [5] * 4
    assert len(split.questions) == 60
    _is_held_out(split)
    rest = all_but(wordings, 30, seed=1)
    assert sum(len(entry.wordings) for entry in rest.entries) == 4 * 36 - 30
    _is_held_out(rest)
    assert split == shots(wordings, 5, 60, seed=1) != shots(wordings, 5, 60, seed=2)


def _is_held_out(split: Split) -> None:
    known = {wording for entry in split.entries for wording in entry.wordings}
    assert not known & {question.text for question in split.questions}
    assert {question.means for question in split.questions} <= {entry.id for entry in split.entries}


def test_out_of_scope_is_no_entry_and_its_halves_never_meet(data: Path) -> None:
    wordings, reported = read_clinc(data)
    assert set(wordings) == set(THINGS)
    assert len(reported) == 3
    assert read_clinc(data, CHOOSING) == (wordings, ["who lost the silver cup"])


def test_an_faq_of_any_size_has_ten_phrasings_an_entry(data: Path) -> None:
    pools = [read_banking(data)]
    split = of_size(pools, 300, questions=8, seed=0)
    assert [len(entry.wordings) for entry in split.entries] == [10] * 30
    assert len({entry.id for entry in split.entries}) == 30
    assert len(split.questions) == 8
    own = {text for texts in pools[0].values() for text in texts}
    assert set(split.entries[0].wordings) <= own
    assert not set(split.entries[-1].wordings) <= own


def test_an_faq_needs_ten_phrasings_of_something(data: Path) -> None:
    with pytest.raises(ValueError, match="too few wordings"):
        of_size([read_banking(data)], 20, questions=112, seed=0)


def test_errors_are_few_and_repeatable(data: Path) -> None:
    split = shots(read_banking(data), 5, 60, seed=0)
    wrong = split.with_typing_errors(seed=3)
    assert wrong == split.with_typing_errors(seed=3)
    for right, mistaken in zip(split.questions, wrong.questions, strict=True):
        assert right.means == mistaken.means
        assert abs(len(right.text) - len(mistaken.text)) <= 2
    assert sum(a.text != b.text for a, b in zip(split.questions, wrong.questions, strict=True)) > 50


@pytest.mark.parametrize("text", ["", "a", "退"])
def test_errors_in_hardly_any_text(text: str) -> None:
    assert all(len(misspelt(text, chance(seed))) <= len(text) + 2 for seed in range(30))


def test_bad_input_is_what_it_says() -> None:
    bad = bad_inputs(seed=0, each=3)
    assert all(len(texts) == 3 for texts in bad.values())
    assert {len(text) for kind, texts in bad.items() if "100 kB" in kind for text in texts} == {100_000}
    assert all(len(set(text)) == 1 for text in bad["one character 10,000 times"])


@pytest.mark.parametrize("name", BASELINES)
def test_the_others_find_what_they_know(name: str, data: Path) -> None:
    split = shots(read_banking(data), 10, 60, seed=0)
    finder = BASELINES[name](split.entries)
    found = finder.find([entry.wordings[0] for entry in split.entries] + ["¿?"])
    assert [best[0].entry_id for best in found[:-1]] == [entry.id for entry in split.entries]
    assert any(finder.answers(best) for best in found[:-1])
    assert not finder.answers(found[-1])


def test_accuracy_counts_the_first_ones() -> None:
    found = [[Match("a", 0.9), Match("b", 0.1)], [Match("b", 0.8), Match("a", 0.2)], []]
    assert accuracy(found, ["a", "a", "a"], 1) == pytest.approx(100 / 3)
    assert accuracy(found, ["a", "a", "a"], 3) == pytest.approx(200 / 3)
    assert [surest(some) for some in found] == [0.9, 0.8, 0.0]


def test_no_questions_are_an_error() -> None:
    with pytest.raises(ValueError, match="no questions"):
        share([])


def test_auroc() -> None:
    assert auroc([0.9, 0.8], [0.1, 0.2]) == 1.0
    assert auroc([0.5], [0.5]) == 0.5


def test_calibration_error() -> None:
    assert calibration_error([0.5] * 30, [True, False] * 15) == pytest.approx(0.0)
    assert calibration_error([1.0] * 30, [False] * 30) == pytest.approx(1.0)
    assert calibration_error([0.0] * 15 + [1.0] * 15, [False] * 15 + [True] * 15) == 0.0
    # one bin hides what two show
    said, was = [0.2] * 10 + [0.8] * 10, [True] * 10 + [False] * 10
    assert calibration_error(said, was, bins=1) == pytest.approx(0.0)
    assert calibration_error(said, was, bins=2) == pytest.approx(0.8)


def test_promises() -> None:
    assert [AtLeast(75, 80).verdict(figure) for figure in (74.9, 75, 80)] == ["not met", "met", "met, and the aim"]
    assert [AtMost(4).verdict(figure) for figure in (4, 4.1)] == ["met", "not met"]
    assert f"{AtLeast(75, 80)}; {AtMost(0.05)}" == "≥ 75, aim 80; ≤ 0.05"


def test_the_mean_over_seeds_is_judged_and_empty_rows_are_left_out() -> None:
    rows = [Row("hits", 1, AtLeast(70)), Row("never measured"), Row("error", 2, of_ours=True)]
    columns = {DEFAULT: {"hits": [60.0, 80.0], "error": [0.02]}, "BM25": {"hits": [50.0], "error": [9.0]}}
    header, _, hits, error = map(_cells, rendered(rows, columns).splitlines())
    assert header == ["figure", "default", "promised", "kept", "BM25"]
    assert hits == ["hits", "70.0 ±14.1", "≥ 70", "met", "50.0"]
    assert error == ["error", "0.02", "", "", "–"]


def _always(answers: bool, *found: Match) -> Callable[[Sequence[FaqEntry]], Finder]:
    return lambda _: Finder(lambda questions: [list(found) for _ in questions], lambda _: answers)


def test_a_suggestion_is_neither_right_nor_wrong_and_refuses_what_is_foreign(data: Path) -> None:
    wordings, foreign = read_clinc(data)
    silent = clinc(_always(False, Match("card", 0.5)), wordings, foreign, most=40, seed=0)
    talking = clinc(_always(True, Match("card", 0.5)), wordings, foreign, most=40, seed=0)
    assert (silent["CLINC150 answered right"], silent["CLINC150 answered wrong"]) == (0, 0)
    assert silent["CLINC150 out of scope refused"] == 100
    assert talking["CLINC150 answered right"] + talking["CLINC150 answered wrong"] == pytest.approx(100)
    assert talking["CLINC150 answered right"] == silent["CLINC150 10-shot acc@1"] > 0
    assert talking["CLINC150 out of scope refused"] == 0
    assert talking["CLINC150 AUROC"] == 0.5


def test_who_finds_nothing_is_never_right(data: Path) -> None:
    figures = banking(_always(False), read_banking(data), most=40, held=10, seed=0)
    assert set(figures.values()) == {0.0}


SHOP = """
- id: card
  questions:
    zh-Hans: [我的卡丢了, 卡找不到了, 挂失银行卡]
    zh-Hant: [我的卡丟了]
  answers: {zh-Hans: 请致电。}
- id: parcel
  questions:
    zh-Hans: [快递到哪了, 什么时候发货, 查询物流]
    zh-Hant: [快遞到哪了]
  answers: {zh-Hans: 明天。}
- id: english-only
  questions: {en: [Where is it?]}
  answers: {en: There.}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return path


def test_the_script_costs_us_nothing(shop: Path) -> None:
    figures = traditional(ours(None), read_faq(shop))
    assert figures["Traditional points lost"] == figures["Taiwan's words points lost"] == 0
    assert figures["Taiwan's words acc@1"] == 100


def test_the_script_costs_who_knows_one_only(shop: Path) -> None:
    known = {text: entry.id for entry in read_faq(shop) for text in entry.questions.get("zh-Hans", ())}

    def find(questions: Sequence[str]) -> list[list[Match]]:
        return [[Match(known[question], 1.0)] if question in known else [] for question in questions]

    figures = traditional(lambda _: Finder(find, bool), read_faq(shop))
    assert figures["Simplified acc@1"] == 100
    assert 0 < figures["Traditional points lost"] < 100  # some phrasings are written alike
    assert (figures["Taiwan's words acc@1"], figures["Taiwan's words points lost"]) == (0, 100)


def test_questions_know_what_they_mean() -> None:
    split = Split([FaqEntry("a", ["b"])], [Question("c", "a")])
    assert split.with_typing_errors(0).questions[0].means == "a"
