"""The systemd units name commands and settings that there are, and systemd understands them where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.deploy.places import COMMANDS, DEPLOY, SETTINGS, STOP_SECONDS

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze") or ""


class Unit(ConfigParser):
    """Names keep their capitals, and % is systemd's."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def parsed(unit: Path) -> ConfigParser:
    parser = Unit(interpolation=None)
    parser.read(unit, "utf-8")
    return parser


def test_there_is_one_for_each_role() -> None:
    names = ["touchdesk-web@.service", "touchdesk-worker@.service", "touchdesk.service"]
    assert [unit.name for unit in UNITS] == names
    assert [parsed(unit)["Service"]["ExecStart"].split()[1:] for unit in UNITS] == [["web"], ["worker"], ["run"]]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_it_starts_what_there_is_and_comes_back(unit: Path) -> None:
    service = parsed(unit)["Service"]
    program, command = service["ExecStart"].split()
    assert program.endswith("/touchdesk")
    assert command in COMMANDS
    assert (service["Restart"], service["TimeoutStopSec"]) == ("always", str(STOP_SECONDS))
    assert parsed(unit)["Unit"]["StartLimitIntervalSec"] == "0", "it never gives up"
    assert service["User"] == "touchdesk"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_it_may_write_to_its_own_folder_only(unit: Path) -> None:
    service = parsed(unit)["Service"]
    assert (service["ProtectSystem"], service["NoNewPrivileges"], service["PrivateTmp"]) == ("strict", "yes", "yes")
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert service["CapabilityBoundingSet"] == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_its_name_is_its_port(unit: Path) -> None:
    """Several on one machine: what is not in the name is in the .env that they share."""
    given = parsed(unit)["Service"].get("Environment", "")
    assert given == ("HTTP_PORT=%i" if "@" in unit.name else "")
    assert {given.split("=")[0]} - {""} <= SETTINGS


@pytest.mark.skipif(not ANALYZE, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_it(unit: Path, tmp_path: Path) -> None:
    """With a program that is there in the place of ours."""
    named = tmp_path / unit.name.replace("@", "@8081")
    named.write_text(unit.read_text("utf-8").replace("/opt/touchdesk/bin/touchdesk", "/bin/true"), "utf-8")
    done = subprocess.run([ANALYZE, "verify", str(named)], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
