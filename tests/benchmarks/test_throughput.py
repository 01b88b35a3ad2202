"""The benchmarks of the durable path run small; figures that depend on the machine are not judged here."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import questions, soak, throughput, workers
from benchmarks.processes import Process, Used
from benchmarks.soak import Look
from benchmarks.throughput import Figures
from faq.files import read_faq, write_faq
from faq.normalise import normalise
from tests.console.shop import FAQ

ROOT = Path(__file__).parents[2]
RATIO = re.compile(r"(.+): messages a second × \d+\.\d\d \(.+ to .+\), CPU × \d+\.\d\d \(.+ to .+\)")

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A benchmark's lines, as a newcomer runs it but over a small FAQ."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    write_faq(tmp_path / "faq.yaml", FAQ)

    def lines(benchmark: ModuleType, *arguments: str) -> list[str]:
        monkeypatch.setattr(benchmark, "FAQ", tmp_path / "faq.yaml")
        monkeypatch.setattr(sys, "argv", [benchmark.__name__, *arguments])
        benchmark.main()
        return capsys.readouterr().out.splitlines()

    return lines


def test_both_echoes_and_ours_are_measured_in_each_round(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_UP", 4)
    header, _, *rows = run(throughput, "--messages", "20", "--chats", "4", "--rounds", "1")
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[:3]]
    assert header.strip("| ").split(" | ") == list(throughput.COLUMNS)
    assert [row[1] for row in cells] == ["bare", "echo+fsync", "ours"]
    assert all(float(row[2]) > 0 and float(row[-1]) > 0 for row in cells)
    assert [name[1] for row in rows[3:] if (name := RATIO.fullmatch(row))] == ["echo+fsync to bare", "ours to bare"]


@pytest.mark.chaos  # a minute
def test_a_filled_postgresql_is_measured_beside_an_empty_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_UP", 4)
    monkeypatch.setattr(throughput, "LARGE", 100)
    small = "--messages 8 --chats 4 --rounds 1 --touchpoints 50 --distinct --filled --database postgres".split()
    _, _, *rows = run(throughput, *small)
    ours, filled = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:4])
    assert (ours[1], filled[1]) == ("ours", "ours filled")
    assert float(ours[4]) > 0, "what the server used is told apart"
    assert rows[-1].startswith("filled to ours: ")


def test_no_limit_is_broken_at_the_default_pace(run: Run) -> None:
    with pytest.raises(SystemExit) as end:
        run(throughput, "--paced", "--messages", "8", "--chats", "4")
    assert end.value.code == 0


@pytest.mark.chaos  # a minute
def test_two_workers_are_measured_beside_one_and_keep_the_order(run: Run) -> None:
    header, _, one, two, verdict = run(workers, *"--messages 12 --chats 4 --phrasings 100 --rounds 1".split())
    assert header.split(" | ")[1] == "workers"
    assert [row.strip("| ").split(" | ")[1] for row in (one, two)] == ["1", "2"]
    assert [row.strip("| ").split(" | ")[-1] for row in (one, two)] == ["0", "0"]
    assert re.fullmatch(r"two to one: × .+, promised ≥ 1\.6: (met|not met)", verdict)


def test_an_answer_that_overtook_another_is_counted() -> None:
    assert workers.overtaken([(1, 5), (1, 6), (2, 3), (2, 9), (2, 8)]) == 1
    assert workers.overtaken([(1, 5), (2, 4), (3, 1)]) == 0


def test_a_soak_tells_what_grew(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(soak, "LOOK_SECONDS", 0.5)
    with pytest.raises(SystemExit):
        run(soak, "--minutes", "0.05", "--messages", "20", "--chats", "10")
    capacity, waits, memory, *_ = capsys.readouterr().out.splitlines()
    assert re.match(r"\d+ a second can be answered; [1-9]\d* came over", capacity)
    assert re.match(r"update to reply: p50 \d+ ms, p99 \d+ ms", waits)
    assert re.match(r"memory: \d+ MB, then \d+ MB", memory)


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (Look(9, 109, 12, 0, 0), 0),
        (Look(9, 111, 12, 0, 0), 1),
        (Look(9, 100, 90, 70, 0), 1),
    ],
    ids=["steady", "more memory", "a queue that grows"],
)
def test_a_soak_fails_by_memory_and_by_queues(last: Look, code: int) -> None:
    looks = [Look(seconds, 100, 10, 0, 0) for seconds in range(4, 9)] + [last]
    assert soak.tell(looks, [0.01, 0.02], capacity=20) == code


def test_a_ratio_is_that_of_its_round() -> None:
    fast, slow = (Figures(a_second, 1000 / a_second, 0, 0, 0, 0) for a_second in (100, 10))
    assert throughput.ratio("ours to bare", [fast, slow], [fast, slow]) == (
        "ours to bare: messages a second × 1.00 (1.00 to 1.00), CPU × 1.00 (1.00 to 1.00)"
    )


def test_distinct_questions_never_repeat_and_none_is_the_faqs(tmp_path: Path) -> None:
    write_faq(tmp_path / "faq.yaml", FAQ)
    asked = [normalise(text) for text in questions.distinct(tmp_path / "faq.yaml", 2_000)]
    own = {normalise(text) for entry in FAQ for text in entry.wordings}
    assert len(set(asked)) == 2_000
    assert own.isdisjoint(asked)


def test_a_large_faq_has_its_phrasings_and_the_shops_answers(tmp_path: Path) -> None:
    write_faq(tmp_path / "faq.yaml", FAQ)
    large = read_faq(questions.write_large_faq(tmp_path / "large.yaml", tmp_path / "faq.yaml", 300))
    wordings = [normalise(text) for entry in large for text in entry.wordings]
    assert 290 <= len(wordings) <= 300
    assert len(set(wordings)) == len(wordings)
    assert [entry.id for entry in large[: len(FAQ)]] == [entry.id for entry in FAQ]


def test_what_a_process_uses_is_read() -> None:
    this = Process(os.getpid())
    used = Used.since_now([this], this)
    sum(number * number for number in range(2_000_000))
    bots, server = used.so_far()
    assert bots > 0
    assert server == pytest.approx(bots, abs=0.05)
    assert this.resident_mb() > 10
