"""The compose file names commands, settings, machines and ports that there are, and fits nginx and PostgreSQL."""

from __future__ import annotations

import re
from typing import Any

import pytest
import uvicorn

from bot.doctor.database import CONNECTIONS
from bot.settings import read_settings
from tests.deploy.places import COMMANDS, COMPOSE, SETTINGS, STOP_SECONDS, read

SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "dockerfile" in service.get("build", {})}
SERVING = {name: service for name, service in OURS.items() if name != "migrate"}
SECRETS = re.compile(r"PASSWORD|SECRET|TOKEN")
UVICORN = {"FORWARDED_ALLOW_IPS"}


def test_there_are_two_of_each_and_whom_they_need() -> None:
    assert set(SERVICES) == {"postgres", "migrate", "worker-1", "worker-2", "web-1", "web-2", "nginx"}
    assert [service["command"] for service in OURS.values()] == [
        ["migrate"], ["worker"], ["worker"], ["web"], ["web"],
    ]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_commands_and_settings_are_known(name: str) -> None:
    assert set(OURS[name]["command"]) <= COMMANDS
    assert set(OURS[name]["environment"]) - UVICORN <= SETTINGS
    assert OURS[name]["env_file"] == ".env"


def test_the_settings_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OURS["web-1"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:\?[^}]*\}", "a-password", value))
    settings = read_settings(_env_file=None)
    assert settings.database_url == "postgresql://touchdesk:a-password@postgres/touchdesk"
    assert (settings.http_host, settings.http_port) == ("0.0.0.0", 8080)  # noqa: S104


def test_only_webs_take_nginx_word_for_who_a_visitor_is(monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = {name for name, service in OURS.items() if UVICORN & set(service["environment"])}
    assert trusting == {"web-1", "web-2"}
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    assert uvicorn.Config("x:y").forwarded_allow_ips == "*"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_file(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if SECRETS.search(key) or "://" in value:
            assert "${POSTGRES_PASSWORD:?" in value


@pytest.mark.parametrize("name", SERVICES)
def test_each_waits_for_services_that_there_are(name: str) -> None:
    for other, needs in SERVICES[name].get("depends_on", {}).items():
        assert needs["condition"] in ("service_healthy", "service_completed_successfully", "service_started")
        if needs["condition"] == "service_healthy":
            assert "test" in SERVICES[other]["healthcheck"]
        if needs["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no"


def test_the_schema_is_there_before_anybody_serves() -> None:
    for service in SERVING.values():
        assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_whoever_serves_comes_back_and_is_given_time_to_finish() -> None:
    for service in SERVING.values():
        assert (service["restart"], service["stop_grace_period"]) == ("always", f"{STOP_SECONDS}s")
        assert service["volumes"] == ["files:/srv/touchdesk/files"]
        assert service["environment"]["FILES_DIR"] == "/srv/touchdesk/files"


def test_nginx_asks_every_web_at_its_port() -> None:
    asked = re.findall(r"^ +server ([\w-]+):(\d+)", read("nginx.conf"), re.MULTILINE)
    assert asked == [(name, service["environment"]["HTTP_PORT"]) for name, service in OURS.items() if "web" in name]
    assert set(SERVICES["nginx"]["depends_on"]) == {name for name, _ in asked}


def test_postgresql_has_room_for_all() -> None:
    (most,) = (word for word in SERVICES["postgres"]["command"] if word.startswith("max_connections="))
    assert int(most.split("=")[1]) >= CONNECTIONS * len(SERVING) + CONNECTIONS
    assert SERVICES["postgres"]["image"] == "postgres:16"


def test_every_volume_is_made() -> None:
    used = {place.split(":")[0] for service in SERVICES.values() for place in service.get("volumes", ())}
    assert {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"])
