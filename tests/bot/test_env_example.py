""".env.example names exactly the settings there are, with their defaults."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings, read_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINE = re.compile(r"^(# )?([A-Z_]+)=(.*)$", re.MULTILINE)

LINES = [(name, value, bool(mark)) for mark, name, value in LINE.findall(EXAMPLE.read_text(encoding="utf-8"))]
"""(name, value, whether it is commented out)."""


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, _, _ in LINES:
        monkeypatch.delenv(name, raising=False)


def defaults() -> dict[str, object]:
    return {name.upper(): field.get_default() for name, field in Settings.model_fields.items()}


def test_every_setting_is_named_once() -> None:
    assert sorted(name for name, _, _ in LINES) == sorted(defaults())


def test_what_is_absent_by_default_is_commented_out() -> None:
    assert {name for name, _, absent in LINES if absent} == {n for n, value in defaults().items() if value is None}


def test_the_rest_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    assert read_settings() == read_settings(_env_file=None)


def test_the_examples_are_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    everything = "\n".join(f'{name}="{value}"' for name, value, _ in LINES)
    (tmp_path / ".env").write_text(everything, encoding="utf-8")
    settings = read_settings()
    assert all(getattr(settings, name.lower()) not in (None, SecretStr("")) for name, _, absent in LINES if absent)


def test_each_line_says_what_it_is_for() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if LINE.match(line):
            assert above.startswith("# "), line
            assert not LINE.match(above), line
