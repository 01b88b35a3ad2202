"""The page for operators names commands, files and services that there are."""

from __future__ import annotations

import re

from tests.deploy.places import COMMANDS, COMPOSE, DEPLOY, ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_command_is_one() -> None:
    told = set(re.findall(r"(?<!/)\btouchdesk ([a-z][a-z-]*)", PAGE))
    assert {"web", "worker", "run", "migrate", "backup", "doctor"} <= told <= COMMANDS


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert len(links) >= 5
    assert not [link for link in links if not (ROOT / "docs" / link).exists()]


def test_an_upgrade_replaces_every_process_that_the_compose_file_starts() -> None:
    (loop,) = re.findall(r"for each in (.*); do docker", PAGE)
    assert loop.split() == [name for name in COMPOSE["services"] if re.match(r"worker|web", name)]


def test_every_unit_is_there() -> None:
    units = {unit.stem.split("@")[0] for unit in (DEPLOY / "systemd").glob("*.service")}
    assert set(re.findall(r"\b(touchdesk(?:-\w+)?)@", PAGE)) | {"touchdesk"} == units
