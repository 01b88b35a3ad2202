"""The benchmark of kills runs small: that its promises hold then is no proof, that they did not would be one."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

import pytest

from benchmarks import kills
from tests.rig import trouble
from tests.rig.checks import Findings


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trouble, "QUESTIONS", 10)
    monkeypatch.setattr(trouble, "GUESTS", 2)


def figures(out: str) -> Mapping[str, int]:
    found = (re.fullmatch(r" *(.+?) +(\d+)", line) for line in out.splitlines()[1:])
    return {line[1]: int(line[2]) for line in found if line}


def test_kills(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["kills", "--updates", "60", "--kills", "2"])
    kills.main()
    out = capsys.readouterr().out
    assert re.match(r"sqlite: \d+ updates, 2 kills, 0 restarts, \d+ s\n", out)
    told = figures(out)
    assert told["lost"] == told["doubled"] == told["inversions"] == told["rows left open"] == 0
    assert told["duplicates of answers"] <= told["calls of which the sender could not know the end"]


def test_a_broken_promise_fails(capsys: pytest.CaptureFixture[str]) -> None:
    findings = Findings(lost=["1000 said 'x'"], duplicates=3)
    with pytest.raises(SystemExit) as end:
        kills.judge(findings.broken(in_flight=2))
    assert end.value.code == 1
    told = capsys.readouterr().err.splitlines()
    assert told == ["broken: lost: 1, such as 1000 said 'x'", "broken: duplicates: 3 with 2 calls in flight"]
    kills.judge(Findings(duplicates=2).broken(in_flight=2))
