"""The benchmark of faults runs small."""

from __future__ import annotations

import re
import sys

import pytest

from benchmarks import faults
from tests.benchmarks.test_kills import figures
from tests.rig import trouble


def test_faults(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(trouble, "QUESTIONS", 10)
    monkeypatch.setattr(trouble, "GUESTS", 2)
    monkeypatch.setattr(sys, "argv", ["faults", "--updates", "60", "--share", "0.1"])
    faults.main()
    out = capsys.readouterr().out
    kinds = r"\d+ too_many, \d+ server_error_after, \d+ drop_after"
    assert re.match(rf"sqlite: \d+ updates, {kinds}, \d+ s\n", out)
    told = figures(out)
    assert told["lost"] == told["inversions"] == told["once-only words repeated"] == 0
