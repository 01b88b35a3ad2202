"""The insight benchmark runs on made-up data; how good the figures are is not judged here."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.outcome import Outcome
from benchmarks import insight, insight_store
from benchmarks.insight_choosing import FIGURES, VARIANTS, earlier, means
from benchmarks.insight_data import RETAIL_FILE, large_shop, read_cdnow, read_retail, splits
from benchmarks.insight_figures import judged, lift, measured
from benchmarks.insight_methods import METHODS, OURS, Forecast
from benchmarks.insight_speed import measure
from benchmarks.insight_table import ACCURACY, FROM_STORE, SPEED, Row, rendered
from benchmarks.matching_table import AtLeast

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """200 customers of the year that the split is in; a third of them orders monthly for a while."""
    chance = np.random.default_rng(4)
    lines = ["InvoiceNo,InvoiceDate,CustomerID,TotalPrice"]
    for customer in range(200):
        months = range(1, chance.integers(4, 14)) if customer % 3 == 0 else chance.integers(1, 13, 2).tolist()
        lines += [
            f"{customer}{month},2011-{month:02}-{1 + customer % 28:02},{customer},{5 + customer}" for month in months
        ]
    (tmp_path / RETAIL_FILE).write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_cdnow_is_as_published() -> None:
    sales = read_cdnow()
    assert len(sales) == 69_659
    assert len({who for who, _, _ in sales}) == 23_570
    assert sales[0] == (1, date(1997, 1, 1), 11.77)


def test_the_retailers_rows_are_read(data: Path) -> None:
    assert read_retail(data / RETAIL_FILE)[0] == (0, date(2011, 1, 1), 5.0)


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_is_judged_on_days_that_end_before_the_cut(data: Path, name: str) -> None:
    retail = splits(data)[1]
    cuts = list(earlier(retail))
    assert all(cut.day + timedelta(days=cut.horizon_days) <= retail.day for cut in cuts)
    assert all(cut.orders.day.max() <= retail.day.toordinal() for cut in cuts)
    for figure, found in zip(FIGURES, means(VARIANTS[name], "Retail", cuts[:2]), strict=True):
        assert found >= 0, figure


def test_ours_is_among_the_variants_as_it_is(data: Path) -> None:
    """But for the unit of the value."""
    retail = splits(data)[1]
    ours, variant = measured(METHODS[OURS], retail), measured(VARIANTS[OURS], retail)
    assert {name: ours[name] for name in ours if "MAE" not in name} == pytest.approx(
        {name: variant[name] for name in variant if "MAE" not in name}
    )


def test_a_lift_is_of_the_riskiest_fifth() -> None:
    silent = np.array([True, True, False, False, True, False, False, False, False, False])
    assert lift(silent, np.arange(10.0)[::-1]) == pytest.approx(1 / 0.3)
    assert lift(silent, np.arange(10.0)) == 0
    assert lift(silent[:4], np.arange(4.0)) is None
    assert lift(silent[5:], np.arange(5.0)) is None


@pytest.mark.parametrize("name", METHODS)
def test_each_method_gives_a_figure_wherever_it_says_something(data: Path, name: str) -> None:
    retail = splits(data)[1]
    found = measured(METHODS[name], retail)
    told = {figure for figure, value in found.items() if value is not None}
    assert told >= {"Retail P5", "Retail P20", "Retail AUC", "Retail AUCvip"}
    assert all(value is None or value >= 0 for value in found.values())
    assert {f"Retail {figure}" for figure in ("P5", "P20", "MAE", "AUC", "AUCvip", "VIP lift", "Brier")} == set(found)


def test_figures_of_a_forecast_are_those_counted_by_hand() -> None:
    """Twenty customers; the best is foreseen, of the best four two are; two go silent, one of them ranked highest."""
    spent = np.arange(20.0)
    value = spent.copy()
    value[[16, 17, 0, 1]] = [0.5, 0.4, 18.5, 18.2]
    silent = np.zeros(20, bool)
    silent[[0, 10]] = True
    risk = np.full(20, 0.5)
    risk[0] = 1.0
    found = judged(Forecast(value, risk), Outcome(spent, silent), np.array([0, 1, 2]))
    assert (found["P5"], found["P20"]) == (1.0, 0.5)
    assert found["AUC"] == pytest.approx((18 + 9) / 36)
    assert found["AUCvip"] == 1.0
    assert found["Brier"] == pytest.approx(19 * 0.25 / 20)
    assert found["MAE"] == pytest.approx(np.abs(value - spent).mean())


def test_the_table_says_what_is_promised_and_whether_it_is_kept() -> None:
    rows = [Row("P5", 2, AtLeast(0.4)), Row("MAE", 1)]
    table = rendered(rows, {OURS: {"P5": 0.39, "MAE": 3.14}, "other": {"P5": 0.5, "MAE": None}})
    assert table.splitlines() == [
        "| figure | ours | promised | kept    | other |",
        "| ------ | ---- | -------- | ------- | ----- |",
        "| P5     | 0.39 | ≥ 0.4    | not met | 0.50  |",
        "| MAE    | 3.1  |          |         | –     |",
    ]


def test_a_large_shop_is_the_same_each_time() -> None:
    one, other = (large_shop(50, 120, date(2026, 6, 30)) for _ in range(2))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    assert len(np.unique(one["customer_id"])) == 50


@pytest.mark.alone
def test_speed_is_measured_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = measure(300, 600)
    assert list(found) == [row.name for row in SPEED]
    assert all(figure > 0 for figure in found.values())


@pytest.mark.alone
def test_a_night_of_a_shop_in_a_file_is_measured_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = insight_store.measure(300, 900)
    assert list(found) == [row.name for row in FROM_STORE]
    assert all(figure > 0 for figure in found.values())


def test_it_prints_the_table(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["insight", "--data", str(data), "--only", "accuracy"])
    monkeypatch.setattr(insight, "splits", lambda folder: splits(folder)[1:])
    insight.main()
    printed = capsys.readouterr().out
    assert all(row.name in printed for row in ACCURACY)
    assert "≤ 0.222, aim 0.204" in printed
    assert all(name in printed for name in METHODS)


def test_it_prints_what_earlier_days_would_choose(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["insight", "--data", str(data), "--only", "choosing"])
    monkeypatch.setattr(insight, "splits", lambda folder: splits(folder)[1:])
    insight.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0].lstrip("| ") for line in lines[2:]] == list(VARIANTS)
