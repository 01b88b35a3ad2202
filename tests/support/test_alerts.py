"""The alert rules, the page about them and the figures that are really there speak of the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from crm_store.store import Store
from support.meters import Meters
from support.watch import Watch
from workers.outcomes import Fate

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
NAME = re.compile(r"\b(?:touchdesk|process)_\w+")
RULES: list[dict[str, Any]] = [
    rule for group in YAML(typ="safe").load(ALERTS.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]
]


async def scraped(store: Store) -> dict[str, str]:
    """Type by name of everything that a process just started shows, as Prometheus stores it."""
    text = (await Watch(store, Meters()).text()).decode()
    found = {}
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
        for end in ("_bucket", "_sum", "_count") if kind == "histogram" else ("",):
            found[name + end] = kind
    return {name: kind for name, kind in found.items() if not name.endswith("_created")}


async def test_every_rule_asks_for_figures_that_are_there(sqlite_store: Store) -> None:
    there = await scraped(sqlite_store)
    for rule in RULES:
        names = NAME.findall(rule["expr"])
        assert names, rule["alert"]
        assert not [name for name in names if name not in there], rule["alert"]
        for name in names:
            grows = re.search(rf"(rate|increase)\({name}\b", rule["expr"])
            assert bool(grows) == (there[name] in ("counter", "histogram")), f"{rule['alert']}: {name}"


def test_rules_name_fates_that_calls_can_meet() -> None:
    fates = [fate for rule in RULES for fate in re.findall(r'fate="(\w+)"', rule["expr"])]
    assert fates
    assert set(fates) <= {fate.value for fate in Fate}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]
    assert re.fullmatch(r"\d+[mhd]", rule.get("for", "1m"))
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert f"`{rule['alert']}`" in PAGE


def test_no_rule_stands_there_twice() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))


async def test_the_page_names_every_figure_and_no_other(sqlite_store: Store) -> None:
    there = await scraped(sqlite_store)
    families = {re.sub(r"_(bucket|sum|count)$", "", name) if there[name] == "histogram" else name for name in there}
    ours = {name for name in families if name.startswith("touchdesk_")}
    told = set(re.findall(r"^\| `(touchdesk_\w+)", PAGE, re.MULTILINE))
    assert told == ours
